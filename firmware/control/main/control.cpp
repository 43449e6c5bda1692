// postern-control's loop: see the header.
#include "firmware/control/main/control.hpp"

#include <poll.h>
#include <sodium.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "firmware/control/outbox/ingest.hpp"
#include "firmware/control/outbox/intake.hpp"
#include "firmware/control/outbox/outbox.hpp"
#include "firmware/control/outcomes/outcome_text.hpp"
#include "firmware/control/service/answers.hpp"
#include "firmware/control/service/reports_door.hpp"
#include "firmware/control/settings/secrets.hpp"
#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"

namespace postern::control {

namespace {

// Rings hold 4096 outcomes: emptied this often, they take 80,000 messages a second and core.
constexpr int kTurnMilliseconds = 50;
constexpr std::size_t kMostOutcomesPerTurn = 65536;
// At start, names of office servers get this long to be found before settings go out without them.
constexpr Duration kLookupPatience = std::chrono::seconds(3);
constexpr Duration kReporterPatience = std::chrono::seconds(2);

Now read_clock() {
  return {clock::kernel_instant(), clock::kernel_wall()};
}

std::uint64_t wall_ns(Now now) {
  return static_cast<std::uint64_t>(now.wall.time_since_epoch().count());
}

std::vector<std::string> texts(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  ::randombytes_buf(&number, sizeof number);
  return number;
}

}  // namespace

Control::Control(Options options, Launcher launcher, Launcher resolver, Launcher reporter, Launcher keystore,
                 Launcher admin, process::Descriptor signals)
    : options_(std::move(options)),
      supervisor_(std::move(launcher), options_.dataplane_socket()),
      resolver_(std::move(resolver), options_.resolver_socket(),
                [this] { supervisor_.end().give(*resolver_.memory()); }),
      reporter_(std::move(reporter), options_.reporter_socket(), random_number()),
      keystore_(std::move(keystore), options_.keystore_socket(), [this] { take_keys(); }),
      admin_(std::move(admin), options_.admin_socket()),
      courier_([this](const ipc::Inject& inject, Bytes message) {
        return supervisor_.end().inject(inject, message);
      }),
      signals_(std::move(signals)) {
  supervisor_.on_injected(
      [this](const ipc::Injected& answer) { courier_.on_injected(answer, now_.instant); });
  supervisor_.on_queue_answer(
      [this](const ipc::QueueAnswer& answer) { queue_.on_answer(answer, now_.instant); });
  supervisor_.on_report_mail(
      [this](const ipc::ReportMail& mail, Bytes message) { keep_report(mail, message); });
  keystore_.subscribe("admin", [this](ipc::Grants grants) {
    if (const auto* web = grants.find(ipc::GrantKind::tls, "web"))
      admin_.set_certificate(web->chain, web->key);
    grants.wipe();
  });
  board_ = board_json(options_.board, options_.boards);
  now_ = read_clock();
  started_wall_ns_ = wall_ns(now_);
}

// Hands the settings over, with the office's names replaced by addresses.
void Control::apply() {
  auto values = view_.values();
  unanswered_.clear();
  const auto servers = lookup_.resolved(texts(view_.list("office.servers")), &unanswered_);
  if (values.count("office.servers") != 0) {
    values["office.servers"] = ipc::join_list(servers, std::string(1, ipc::kListSeparator));
  }
  resolver_.set(values);
  reporter_.set(values);
  admin_.set(values);
  // Without its keys the data plane would take mail in clear: it waits for them.
  if (secrets_wait_) return;
  supervisor_.set(std::move(values), credentials_, view_.duration("tls.ticket_rotation"));
}

Result<void, Fault> Control::open_door() {
  auto service = Service::create(
      options_.service_socket(),
      [this](const nlohmann::json& question, const Peer& peer) { return answer(question, peer); });
  if (!service) return tl::unexpected(service.error());
  service_ = std::make_unique<Service>(std::move(*service));
  if (const auto user = admin_user()) {
    admin_uid_ = user->uid;
    if (::chown(options_.service_socket().c_str(), static_cast<uid_t>(-1), user->gid) != 0)
      return fault("the web administration cannot be let to " + options_.service_socket());
  }
  return {};
}

int Control::run() {
  const Instant patience = clock::kernel_instant() + kLookupPatience;
  while (!lookup_.settled() && clock::kernel_instant() < patience) wait();
  apply();
  while (true) {
    turn();
    if (const int status = supervisor_.facts().hopeless; status != 0) {
      log::write(log::Level::error, "control",
                 supervisor_.facts().last_end + " and never ran; mend what it named above and start again");
      stop_companions();
      return status;
    }
    const auto& broken = supervisor_.facts().broken;
    if (!broken.empty()) {
      log::write(log::Level::error, "control",
                 broken + ": ending; start postern-control again, the data plane goes on");
      stop_companions();
      return 1;
    }
    if (leave_running_ || (ending_ && supervisor_.stopped())) break;
    wait();
  }
  resolver_.stop();
  keystore_.stop();
  admin_.stop();
  drain();
  say_rest();
  log::write(log::Level::notice, "control", leave_running_ ? "ended; the data plane goes on" : "ended");
  return 0;
}

// They would wait for control for a while, and then say so.
void Control::stop_companions() {
  resolver_.stop();
  keystore_.stop();
  admin_.stop();
  reporter_.stop();
}

void Control::wait() {
  std::vector<pollfd> watched{{signals_.get(), POLLIN, 0}};
  for (const int fd : supervisor_.descriptors()) watched.push_back({fd, POLLIN, 0});
  for (const int fd : resolver_.descriptors()) watched.push_back({fd, POLLIN, 0});
  for (const int fd : reporter_.descriptors()) watched.push_back({fd, POLLIN, 0});
  for (const int fd : keystore_.descriptors()) watched.push_back({fd, POLLIN, 0});
  for (const int fd : admin_.descriptors()) watched.push_back({fd, POLLIN, 0});
  if (service_) {
    for (const int fd : service_->descriptors()) watched.push_back({fd, POLLIN, 0});
  }
  ::poll(watched.data(), watched.size(), kTurnMilliseconds);
}

void Control::turn() {
  now_ = read_clock();
  take_signals();
  if (ending_) supervisor_.stop(now_.instant);
  const auto starts = supervisor_.facts().starts;
  supervisor_.turn(now_);
  if (supervisor_.facts().starts != starts) {
    started_ = view_.values();
    keys_wait_ = false;
  }
  keystore_.turn(now_.instant);
  keep_settings();
  keep_resolver();
  if (lookup_.changed()) apply();
  drain();
  reporter_.turn(now_.instant);
  carry_mail();
  queue_.turn(now_.instant);
  admin_.turn(now_.instant);
  if (service_) service_->turn(now_.instant);
}

// The resolver lives as long as control does; a data plane that comes to the line hears where to ask.
void Control::keep_resolver() {
  const auto& hello = supervisor_.end().hello();
  if (hello && supervisor_.facts().hellos != hellos_) {
    hellos_ = supervisor_.facts().hellos;
    resolver_.set_lanes(hello->shards);
    if (resolver_.memory() != nullptr) supervisor_.end().give(*resolver_.memory());
  }
  resolver_.turn(now_.instant);
}

// What the reporter has written goes into the queue while a data plane runs.
void Control::carry_mail() {
  const auto& facts = supervisor_.facts();
  const bool runs = supervisor_.end().greeted() && facts.report.phase == ipc::Phase::running;
  courier_.turn(now_.instant, runs ? facts.hellos : 0);
}

// RFC 8460 §5.3. What does not fit in now waits in the queue and comes again.
void Control::keep_report(const ipc::ReportMail& mail, Bytes message) {
  const auto kept = put_in_intake(intake_directory(view_.text("tlsrpt.database")), message);
  if (!kept) log::write(log::Level::warning, "control", "a TLS report cannot be kept: " + kept.error().reason);
  supervisor_.end().send(ipc::ReportKept{mail.shard, mail.ticket, kept.has_value()});
}

void Control::drain() {
  std::vector<ipc::Outcome> outcomes;
  supervisor_.end().drain(outcomes, kMostOutcomesPerTurn);
  // Each ring is in order; people want all of them to be.
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const auto& a, const auto& b) { return a.wall_ns < b.wall_ns; });
  messages_.add(outcomes);
  reporter_.add(outcomes);
}

// At the end the reporter gets a moment to take what it has not heard yet.
void Control::say_rest() {
  const Instant patience = clock::kernel_instant() + kReporterPatience;
  while (reporter_.waiting() != 0 && reporter_.facts().on_line && clock::kernel_instant() < patience) {
    reporter_.turn(clock::kernel_instant());
    wait();
  }
  reporter_.stop();
}

void Control::take_signals() {
  signalfd_siginfo one{};
  while (::read(signals_.get(), &one, sizeof one) == sizeof one) {
    if (one.ssi_signo == SIGTERM || one.ssi_signo == SIGINT) {
      if (!ending_) log::write(log::Level::notice, "control", "ending: the data plane finishes its sessions");
      ending_ = true;
    }
    if (one.ssi_signo == SIGUSR2) leave_running_ = true;
    if (one.ssi_signo == SIGHUP) reload();
  }
}

std::vector<std::string> Control::warnings() const {
  std::vector<std::string> all = fault_texts_;
  add_settings_warnings(all);
  const auto& facts = supervisor_.facts();
  if (!facts.refused.empty()) all.push_back("the data plane refused the settings: " + facts.refused);
  if (facts.state == DataplaneState::away && !facts.last_end.empty()) all.push_back(facts.last_end);
  if (facts.report.outcomes_lost != 0) {
    all.push_back(std::to_string(facts.report.outcomes_lost) +
                  " lines of the message log were lost because it was too slow");
  }
  if (reporter_.lost() != 0)
    all.push_back(std::to_string(reporter_.lost()) +
                  " sessions are missing in TLS reports: the reporter was away");
  if (reporter_.facts().pid == 0 && !reporter_.facts().last_end.empty())
    all.push_back(reporter_.facts().last_end);
  keystore_.add_warnings(all);
  if (keys_wait_) all.push_back("changed certificates or keys wait for 'postern restart'");
  admin_.add_warnings(all);
  if (secrets_wait_)
    all.push_back("the data plane waits for keys that the settings name and the keystore has");
  if (!courier_.trouble().empty()) all.push_back(courier_.trouble());
  if (!messages_.trouble().empty()) all.push_back(messages_.trouble());
  if (!resolver_.report().trouble.empty()) all.push_back(resolver_.report().trouble);
  if (resolver_.facts().pid == 0 && !resolver_.facts().last_end.empty())
    all.push_back(resolver_.facts().last_end);
  for (const auto& name : unanswered_) all.push_back("office.servers: no address found for " + name);
  if (!waiting_.empty())
    all.push_back("settings wait for 'postern restart': " + ipc::join_list(waiting_, ", "));
  return all;
}

std::vector<ipc::CounterRoom> Control::counters() {
  auto rooms = supervisor_.end().counters();
  rooms.push_back(resolver_room(resolver_));
  return rooms;
}

Control::Json Control::status() {
  Json json{{"version", POSTERN_VERSION},
            {"host_name", std::string(view_.text("host_name"))},
            {"time", time_text(wall_ns(now_))},
            {"control", {{"pid", ::getpid()}, {"since", time_text(started_wall_ns_)}}},
            {"dataplane", dataplane_json(supervisor_.facts(), supervisor_.end(), now_)},
            {"resolver", resolver_json(resolver_, now_)},
            {"keystore", keystore_.json(now_.instant)},
            {"admin", admin_.json()},
            {"settings", settings_json(false)},
            {"outcomes_seen", messages_.count()},
            {"warnings", warnings()}};
  if (const auto slot = updates_.slot(); !slot.empty()) json["slot"] = slot;
  // Written by the box's init, which knows the board.
  if (auto readings = update::read_json(options_.run_directory + "/sensors.json"); readings.is_array())
    json["sensors"] = std::move(readings);
  json.update(board_);
  return json;
}

std::optional<Control::Json> Control::ask_queue(const nlohmann::json& question, const Peer& peer) {
  const auto actor = actor_of(question, peer.uid, peer.uid == 0 || peer.uid == admin_uid_);
  const auto& hello = supervisor_.end().hello();
  const bool runs = hello && supervisor_.facts().report.phase == ipc::Phase::running;
  return queue_.answer(question, peer.client, actor.name + " (" + actor.source + ")",
                       runs ? hello->shards : 0, now_);
}

Control::Json Control::answer(const nlohmann::json& question, const Peer& peer) {
  const bool trusted = peer.uid == 0 || peer.uid == admin_uid_;
  if (auto told = settings_door_->answer(question, actor_of(question, peer.uid, trusted), now_)) return *told;
  if (auto told = ask_queue(question, peer)) return *told;
  if (auto told = keystore_.answer(question, peer.client, now_.instant)) return *told;
  if (auto told = updates_.answer(question, trusted, store_->running().number)) return *told;
  if (auto told = answer_about_reports(question, std::string(view_.text("tlsrpt.database")))) return *told;
  const auto command = question.value("command", std::string());
  if (command == "status") {
    auto json = status();
    json["counters"] = counters_json(counters());
    return json;
  }
  if (command == "counters") return {{"time_ns", wall_ns(now_)}, {"counters", counters_json(counters())}};
  if (command == "outcomes") {
    return outcomes_json(messages_, question.value("after", std::uint64_t{0}),
                         question.value("most", std::size_t{100}));
  }
  if (command == "settings") return settings_json(true);
  if (command == "reports.ingest")
    return ingest_answer(question, intake_directory(view_.text("tlsrpt.database")));
  if (command == "log")
    return log_.json(question.value("after", std::uint64_t{0}), question.value("most", std::size_t{200}));
  if (command == "reload") return reload();
  if (command == "hurry") {
    if (supervisor_.hurry()) return {{"done", true}};
    return {{"error",
             "the data plane is not there; its state is " + std::string(text(supervisor_.facts().state))}};
  }
  if (command == "restart") {
    if (supervisor_.restart(now_.instant)) return {{"done", true}};
    return {{"error", "the data plane is not there to be restarted; its state is " +
                          std::string(text(supervisor_.facts().state))}};
  }
  return {
      {"error", "unknown command '" + command + "'; is 'postern' of the same version as postern-control?"}};
}

}  // namespace postern::control
