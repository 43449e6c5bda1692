// A core's TLS: built once from settings and credentials, then it opens sessions. See session.hpp.
#include "firmware/tls/library.hpp"
#include "firmware/tls/state.hpp"

namespace postern::tls {
namespace {

Result<void, Fault> load_anchors(CertManager& anchors, const std::string& pem, std::string_view what) {
  if (pem.empty()) return {};
  anchors.reset(wolfSSL_CertManagerNew());
  if (!anchors) return fault("no memory for the trust anchors");
  // One by one: an anchor the library cannot read, or one that has expired, must not cost us the others.
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::size_t loaded = 0;
  for (auto at = pem.find(kBegin); at != std::string::npos; at = pem.find(kBegin, at + 1)) {
    const auto end = pem.find(kEnd, at);
    if (end == std::string::npos) break;
    const auto one = pem.substr(at, end + kEnd.size() - at) + "\n";
    loaded += wolfSSL_CertManagerLoadCABuffer(
                  anchors.get(), reinterpret_cast<const unsigned char*>(one.data()),
                  static_cast<long>(one.size()), WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS;
  }
  if (loaded == 0) return fault(std::string(what) + " hold no usable certificate in PEM");
  return {};
}

Result<void, Fault> load_all(Core::State& core, const Settings& settings,
                             const std::vector<Credential>& credentials) {
  for (const auto& credential : credentials) {
    auto context = make_context(core, true);
    if (!context) return fault(credential_name(credential) + ": " + context.error().reason);
    if (auto added = core.certificates.add(credential, std::move(*context)); !added) return added;
  }
  auto client = make_context(core, false);
  if (!client) return tl::unexpected(client.error());
  core.client = std::move(*client);
  const auto loaded = load_anchors(core.anchors, settings.trust_anchors_pem, "the trust anchors");
  if (!loaded) return loaded;
  return load_anchors(core.client_anchors, settings.client_anchors_pem, "the authorities for clients");
}

}  // namespace

Core::Core(std::unique_ptr<State> state) : state_(std::move(state)) {}

Core::~Core() {
  // The state itself lives in the arena it owns: the arena goes last.
  auto arena = std::move(state_->arena);
  const ArenaScope scope(arena.get());
  const CoreScope core(state_->random, state_->wall);
  state_.reset();
}

Result<std::unique_ptr<Core>, Fault> Core::create(const Settings& settings,
                                                  const std::vector<Credential>& credentials,
                                                  const TicketKeys& tickets,
                                                  const std::array<std::uint8_t, 32>& seed,
                                                  Counters& counters) {
  if (auto started = start_library(); !started) return tl::unexpected(started.error());
  auto arena = Arena::create({.bytes = settings.arena_bytes});
  if (!arena) return tl::unexpected(arena.error());
  auto* const memory = arena->get();
  auto core = std::unique_ptr<Core>(new Core(nullptr));
  const ArenaScope scope(memory);
  core->state_ = std::make_unique<State>(std::move(*arena), settings, seed, counters);
  const CoreScope active(core->state_->random, core->state_->wall);
  core->state_->tickets.set_keys(tickets);
  if (auto loaded = load_all(*core->state_, settings, credentials); !loaded)
    return tl::unexpected(loaded.error());
  return core;
}

void Core::enter_thread() {
  Arena::enter_thread(state_->arena.get());
}

void Core::set_time(WallTime now) {
  state_->wall = now;
}

std::unique_ptr<Session> Core::accept(bool ask_certificate) {
  if (state_->short_of(State::kSessionReserve) || state_->certificates.empty()) {
    ++state_->counters.refused_arena_full;
    return nullptr;
  }
  ++state_->counters.server_sessions;
  auto state = std::make_unique<Session::State>(*state_, true);
  state->asks_certificate = ask_certificate;
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

std::unique_ptr<Session> Core::connect(const ServerDemand& demand) {
  if (state_->short_of(State::kSessionReserve)) {
    ++state_->counters.refused_arena_full;
    return nullptr;
  }
  ++state_->counters.client_sessions;
  auto state = std::make_unique<Session::State>(*state_, false);
  state->demand = demand;
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

void Core::set_ticket_keys(const TicketKeys& tickets) {
  state_->tickets.set_keys(tickets);
}

std::size_t Core::arena_used() const {
  return state_->arena->used();
}

}  // namespace postern::tls
