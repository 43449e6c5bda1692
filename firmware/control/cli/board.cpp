// `postern board`: which board this is, what it holds, and whether the machine agrees.
#include <cstdio>

#include "firmware/control/cli/invocation.hpp"
#include "firmware/control/cli/table.hpp"
#include "platform/board/dmi.hpp"
#include "platform/board/inventory.hpp"
#include "platform/board/kernel_line.hpp"

namespace postern::control::cli {
namespace {

std::string option(const Invocation& invocation, const char* name, std::string otherwise) {
  const auto found = invocation.given.find(name);
  return found != invocation.given.end() ? found->second : std::move(otherwise);
}

Json board_json(const board::Board& board) {
  Json json{
      {"name", board.name},
      {"description", board.description},
      {"file", board.source},
      {"seen_on_hardware", board.seen_on_hardware},
      {"cores",
       {{"data", board.cores.data},
        {"spool_writer", board.cores.spool_writer},
        {"housekeeping", board.cores.housekeeping}}},
      {"memory_megabytes", board.memory.megabytes},
      {"console", board.console.uart + "," + std::to_string(board.console.baud)},
      {"disk", board.boot.disk},
      {"iommu", board.boot.iommu},
      {"watchdog", board.watchdog.driver},
      {"management",
       {{"name", board.management.name}, {"pci", board.management.pci}, {"label", board.management.label}}},
      {"kernel_line", board::kernel_line(board)},
      {"ports", Json::array()}};
  for (const auto& port : board.ports)
    json["ports"].push_back(
        {{"name", port.name}, {"device", std::string(port.device_name())}, {"label", port.label}});
  return json;
}

std::string list(const std::vector<std::uint16_t>& cores) {
  std::string all;
  for (const auto core : cores) all += (all.empty() ? "" : ", ") + std::to_string(core);
  return all;
}

void show(const board::Board& board, const Invocation& invocation) {
  std::printf("%s  %s\n", paint(board.name, Colour::bold, invocation.colour).c_str(),
              board.description.c_str());
  std::printf("  file      %s\n", board.source.c_str());
  std::printf("  cores     packets %s; spool writer %u; housekeeping %u\n", list(board.cores.data).c_str(),
              board.cores.spool_writer, board.cores.housekeeping);
  std::printf("  memory    %u MB%s\n", board.memory.megabytes,
              board.memory.hugepages ? " of huge pages" : "");
  for (const auto& port : board.ports) {
    std::printf("  port      %-8s %s  %s\n", port.name.c_str(), std::string(port.device_name()).c_str(),
                port.label.c_str());
  }
  std::printf("  people    %-8s %s  %s\n", board.management.name.c_str(), board.management.pci.c_str(),
              board.management.label.c_str());
  std::printf("  console   %s, %u baud\n", board.console.uart.c_str(), board.console.baud);
  std::printf("  disk      %s\n", board.boot.disk.c_str());
  std::printf("  watchdog  %s, %u s\n", board.watchdog.driver.empty() ? "any" : board.watchdog.driver.c_str(),
              board.watchdog.seconds);
  if (!board.seen_on_hardware)
    std::printf("  This board was written from documents; it has not been seen on hardware.\n");
}

int check(const board::Board& board, const std::string& root, const Invocation& invocation) {
  const auto findings = board::compare(board, root);
  Json json = Json::array();
  bool faulty = false;
  if (!invocation.json) std::printf("\n");
  for (const auto& finding : findings) {
    using Weight = board::Finding::Weight;
    const char* word = finding.weight == Weight::good      ? "good"
                       : finding.weight == Weight::warning ? "warning"
                                                           : "fault";
    const auto colour = finding.weight == Weight::good      ? Colour::green
                        : finding.weight == Weight::warning ? Colour::yellow
                                                            : Colour::red;
    faulty |= finding.weight == Weight::fault;
    json.push_back({{"weight", word}, {"text", finding.text}});
    if (invocation.json) continue;
    std::string cell(word);
    cell.resize(8, ' ');
    std::printf("  %s %s\n", paint(cell, colour, invocation.colour).c_str(), printable(finding.text).c_str());
  }
  if (invocation.json) {
    auto all = board_json(board);
    all["findings"] = std::move(json);
    print(all);
  }
  return faulty ? kFailed : kDone;
}

}  // namespace

int board_command(const Invocation& invocation) {
  if (invocation.words.size() > 1) return complain("one board at a time", kUsage);
  const auto root = option(invocation, "--root", "/");
  const auto name = invocation.words.empty() ? std::string("auto") : invocation.words[0];
  const auto dmi = board::read_dmi(root + "/sys/class/dmi/id");
  const auto chosen = board::choose(name, option(invocation, "--boards", "/usr/share/postern/boards"), dmi);
  if (!chosen) {
    for (const auto& fault : chosen.error()) complain(fault.reason, kFailed);
    return kFailed;
  }
  if (invocation.given.contains("--kernel-line"))
    return std::printf("%s\n", board::kernel_line(chosen->board).c_str()) < 0;
  if (!invocation.json) {
    show(chosen->board, invocation);
    if (!chosen->notice.empty()) std::printf("\n  %s\n", printable(chosen->notice).c_str());
  }
  return check(chosen->board, root, invocation);
}

}  // namespace postern::control::cli
