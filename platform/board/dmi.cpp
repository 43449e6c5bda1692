// Which board this machine is: see the header.
#include "platform/board/dmi.hpp"

#include <algorithm>
#include <fstream>

namespace postern::board {
namespace {

std::string read_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  line.resize(std::min<std::size_t>(line.size(), 256));
  std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  const auto last = line.find_last_not_of(' ');
  return last == std::string::npos ? std::string() : line.substr(0, last + 1);
}

std::string machine_text(const Dmi& dmi) {
  const auto product =
      dmi.product.empty() ? std::string("a machine without a name") : "\"" + dmi.product + "\"";
  return product + (dmi.vendor.empty() ? "" : " of \"" + dmi.vendor + "\"");
}

std::string expected_text(const Identity& identity) {
  std::string text;
  for (const auto* list : {&identity.products, &identity.boards, &identity.vendors}) {
    if (!list->empty()) text += (text.empty() ? "\"" : ", \"") + list->front() + "\"";
  }
  return text;
}

std::vector<std::string> board_names(const std::filesystem::path& root) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    if (std::filesystem::exists(entry.path() / "board.toml", error)) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

// The boards of the tree that agree best with the machine.
struct Search {
  std::vector<Board> best;
  std::vector<Board> fallbacks;
  int points = 0;

  void look_at(Board board, const Dmi& dmi) {
    const int agrees = agreement(board.identity, dmi);
    if (board.identity.fallback) return fallbacks.push_back(std::move(board));
    if (agrees <= 0 || agrees < points) return;
    if (agrees > points) best.clear();
    points = agrees;
    best.push_back(std::move(board));
  }
};

Result<Chosen, Faults> choose_from(const std::filesystem::path& root, const Dmi& dmi) {
  Search search;
  Faults faults;
  for (const auto& name : board_names(root)) {
    auto board = load(name, root);
    if (board) {
      search.look_at(std::move(*board), dmi);
    } else {
      faults.insert(faults.end(), board.error().begin(), board.error().end());
    }
  }
  if (search.best.size() == 1) return Chosen{std::move(search.best.front()), {}};
  if (search.best.size() > 1) {
    return tl::unexpected(
        Faults{Fault{"boards " + search.best[0].name + " and " + search.best[1].name + " both fit " +
                     machine_text(dmi) + ": choose one by name, or let one say more under [dmi]"}});
  }
  if (search.fallbacks.size() == 1) {
    auto& board = search.fallbacks.front();
    auto notice = "no board fits " + machine_text(dmi) + "; " + board.name +
                  " is used: its ports and cores may be wrong. tools/newboard makes a board of this machine";
    return Chosen{std::move(board), std::move(notice)};
  }
  faults.push_back(Fault{"no board in " + root.string() + " fits " + machine_text(dmi) +
                         ": choose one by name, or make one with tools/newboard"});
  return tl::unexpected(std::move(faults));
}

}  // namespace

Dmi read_dmi(const std::filesystem::path& directory) {
  return {.vendor = read_line(directory / "sys_vendor"),
          .product = read_line(directory / "product_name"),
          .version = read_line(directory / "product_version"),
          .board = read_line(directory / "board_name"),
          .firmware = read_line(directory / "bios_version"),
          .serial = read_line(directory / "product_serial")};
}

int agreement(const Identity& identity, const Dmi& dmi) {
  int points = 0;
  const auto judge = [&points](const std::vector<std::string>& expected, const std::string& said) {
    if (expected.empty()) return true;
    ++points;
    return std::ranges::find(expected, said) != expected.end();
  };
  const bool fits = judge(identity.vendors, dmi.vendor) && judge(identity.products, dmi.product) &&
                    judge(identity.boards, dmi.board);
  return fits ? points : -1;
}

std::string mismatch(const Board& board, const Dmi& dmi) {
  if (agreement(board.identity, dmi) >= 0) return {};
  return "this machine is " + machine_text(dmi) + ", but board " + board.name + " is " +
         expected_text(board.identity) + ": ports, lights and watchdog may be others than it says";
}

Result<Chosen, Faults> choose(std::string_view name_or_file, const std::filesystem::path& root,
                              const Dmi& dmi) {
  if (name_or_file == "auto") return choose_from(root, dmi);
  auto board = load(name_or_file, root);
  if (!board) return tl::unexpected(std::move(board.error()));
  auto notice = mismatch(*board, dmi);
  return Chosen{std::move(*board), std::move(notice)};
}

}  // namespace postern::board
