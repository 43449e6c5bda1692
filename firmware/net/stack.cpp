// The Stack's door; the work is done in the files that state.hpp lists.
#include "firmware/net/stack.hpp"

#include <algorithm>

#include "firmware/net/state.hpp"

namespace postern::net {
namespace {

std::size_t longest_frame(const Settings& settings) {
  std::size_t longest = 1500;
  for (const auto& interface : settings.interfaces) longest = std::max<std::size_t>(longest, interface.mtu);
  return longest + wire::kEthernetHeader;
}

Result<Route> as_route(const Stack::State& state, const Destination* found) {
  if (found == nullptr) return fail("no route to the address");
  return Route{found->port, found->source, found->next_hop, state.settings.interfaces[found->port].mtu};
}

}  // namespace

Stack::State::State(const Settings& given, Counters& counts)
    : settings(given),
      counters(counts),
      local(settings),
      routes(settings),
      outbox(settings.answers, settings.waiting_frames, longest_frame(settings)),
      neighbours(settings.neighbours, settings.key, outbox, counters),
      reassembly(settings, counters),
      label_key(load_be64(settings.key.data()) ^ load_be64(settings.key.data() + 8)),
      echo_budget(settings.icmp_per_second),
      error_budget(settings.icmp_per_second),
      searches(settings.interfaces.size()) {}

Stack::Stack(const Settings& settings, Counters& counters)
    : state_(std::make_unique<State>(settings, counters)) {}

Stack::~Stack() = default;

Result<Route> Stack::route(const wire::IpAddress& destination) const {
  return as_route(*state_, state_->resolve(destination, Destination::kAnyPort));
}

Result<Route> Stack::route(const wire::IpAddress& destination, const wire::IpAddress& source) const {
  const LocalAddress* own = state_->local.find(source);
  if (own == nullptr || !own->usable()) return fail("not an address of ours");
  auto found = as_route(*state_, state_->resolve(destination, own->port));
  if (found) found->source = source;
  return found;
}

void Stack::drain(FrameSink& sink, Instant) {
  state_->counters.answers_out += state_->outbox.drain(sink);
}

void Stack::advance(Instant now) {
  state_->advance(now);
}

Instant Stack::next_deadline() const {
  return state_->next_deadline();
}

bool Stack::is_local(const wire::IpAddress& address) const {
  const LocalAddress* own = state_->local.find(address);
  return own != nullptr && own->usable();
}

}  // namespace postern::net
