// The real resolver process under the real keeper: see the header.
#include "tests/firmware/control/resolver/running_resolver.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "platform/clock/clock.hpp"

namespace postern::resolver::test {

namespace {

std::string program() {
  const char* path = std::getenv("POSTERN_RESOLVER");
  if (path == nullptr) throw std::runtime_error("POSTERN_RESOLVER does not name the program");
  return path;
}

}  // namespace

RunningResolver::RunningResolver(ipc::SettingValues values) {
  const auto socket = directory_.path() + "/resolver.sock";
  auto launcher = control::Launcher::create({program(), "--socket", socket});
  if (!launcher) throw std::runtime_error(launcher.error().reason);
  keeper_ = std::make_unique<control::ResolverKeeper>(std::move(*launcher), socket, [this] { adopt(); });
  values.try_emplace("resolver.directory", directory_.path() + "/cache");
  keeper_->set(values);
  keeper_->set_lanes(1);
}

RunningResolver::~RunningResolver() {
  keeper_->stop();
  until([this] { return keeper_->stopped(); }, std::chrono::seconds(5));
}

// As control and data plane do it over their line, without the line.
void RunningResolver::adopt() {
  const auto& given = *keeper_->memory();
  process::Packet packet;
  packet.descriptors[0].reset(::dup(given.table.get()));
  packet.descriptors[1].reset(::dup(given.lanes_memory.get()));
  packet.descriptors[2].reset(::dup(given.event.get()));
  auto memory = dataplane::PolicyMemory::take({given.number, given.lanes}, packet, 1);
  if (!memory) throw std::runtime_error(memory.error().reason);
  core_.adopt(memory->get());
  memory_ = std::move(*memory);
  adopted_ = given.number;
}

void RunningResolver::turn() {
  keeper_->turn(clock::kernel_instant());
  ::usleep(1000);
}

bool RunningResolver::answered(std::uint64_t ticket, std::chrono::seconds longest) {
  return until(
      [&] {
        shard::PolicyTicket got = 0;
        while (core_.ready(got)) {
          if (got == ticket) return true;
        }
        return false;
      },
      longest);
}

std::optional<policy::Facts> RunningResolver::look(const std::string& domain) {
  const auto encoded = core_.lookup(domain);
  if (encoded.empty()) return std::nullopt;
  auto facts = policy::decode(encoded);
  return facts ? std::optional(*facts) : std::nullopt;
}

std::optional<policy::Facts> RunningResolver::ask(const std::string& domain, std::chrono::seconds longest) {
  const auto ticket = ++tickets;
  if (!core_.ask(ticket, domain) || !answered(ticket, longest)) return std::nullopt;
  return look(domain);
}

std::uint64_t RunningResolver::counter(std::string_view name) const {
  const auto& counters = keeper_->report().counters;
  const auto values = counter_values(counters);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (counters.names[i].name == name) return values[i];
  }
  throw std::runtime_error("no such counter");
}

}  // namespace postern::resolver::test
