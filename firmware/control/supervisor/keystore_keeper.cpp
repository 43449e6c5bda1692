// Keeps the keystore running: see the header.
#include "firmware/control/supervisor/keystore_keeper.hpp"

#include <poll.h>
#include <sodium.h>

#include <array>

#include "platform/clock/clock.hpp"
#include "platform/log/log.hpp"
#include "platform/process/shared_memory.hpp"

namespace postern::control {

namespace {

constexpr char kDataplane[] = "dataplane";
// Making a large key takes seconds, on a busy machine many.
constexpr Duration kPatience = std::chrono::seconds(60);
constexpr int kLookMilliseconds = 20;

KeystoreKeeper::Json not_there(const std::string& why) {
  return {{"error", "the keystore is not running" + (why.empty() ? "" : ": " + why)}};
}

}  // namespace

KeystoreKeeper::KeystoreKeeper(Launcher launcher, std::string socket_path, std::function<void()> changed)
    : changed_(std::move(changed)),
      companion_(std::move(launcher), "postern-keystore", std::move(socket_path),
                 {.on_line = [] {},
                  .on_message = nullptr,
                  .on_gone = [this] { on_gone(); },
                  .on_packet = [this](const ipc::MessageView& message,
                                      process::Packet& packet) { return on_packet(message, packet); }}) {
  subscribe(kDataplane, [this](ipc::Grants grants) {
    if (granted_) granted_->wipe();
    granted_ = std::move(grants);
    changed_();
  });
}

void KeystoreKeeper::subscribe(std::string process, Hear hear) {
  subscribers_[process] = std::move(hear);
  if (report_ && !report_->locked) ask_for(process);
}

void KeystoreKeeper::turn(Instant now) {
  companion_.turn(now);
  // A client that went away never fetches its answer.
  std::erase_if(asked_, [&](const auto& one) { return now - one.second.since > 2 * kPatience; });
}

void KeystoreKeeper::wait(Duration patience) {
  const Instant until = clock::kernel_instant() + patience;
  while (clock::kernel_instant() < until) {
    turn(clock::kernel_instant());
    if (granted_ || locked() || !companion_.facts().last_end.empty()) return;
    std::vector<pollfd> watched;
    for (const int fd : descriptors()) watched.push_back({fd, POLLIN, 0});
    ::poll(watched.data(), watched.size(), kLookMilliseconds);
  }
}

std::uint64_t KeystoreKeeper::send(std::string question) {
  const auto memory = process::make_frozen("postern-question", as_bytes(question));
  ::sodium_memzero(question.data(), question.size());
  if (!memory) return 0;
  const std::array<int, 1> one{memory->get()};
  const auto number = ++last_number_;
  if (!companion_.send(ipc::write_keystore_number(ipc::MessageKind::keystore_ask, number), one)) return 0;
  return number;
}

std::uint64_t KeystoreKeeper::ask_for(const std::string& process) {
  const auto number = send(Json{{"command", "give"}, {"process", process}}.dump());
  if (number != 0) asked_[number] = {0, process, clock::kernel_instant(), {}};
  return number;
}

std::optional<KeystoreKeeper::Json> KeystoreKeeper::answer(const nlohmann::json& question,
                                                           std::uint64_t client, Instant now) {
  if (!question.is_object() || !question.value("command", std::string()).starts_with("keys."))
    return std::nullopt;
  for (auto& [number, asked] : asked_) {
    if (asked.client != client) continue;
    const bool waits = !asked.answer || asked_.contains(asked.after);
    if (waits && companion_.facts().on_line && now - asked.since < kPatience) return Json();
    auto told = asked.answer ? std::move(*asked.answer) : not_there(companion_.facts().last_end);
    asked_.erase(number);
    return told;
  }
  auto text = question.dump();
  const auto number = companion_.facts().on_line ? send(std::move(text)) : 0;
  if (number == 0) return not_there(companion_.facts().last_end);
  asked_[number] = {client, "", now, {}};
  return Json();
}

bool KeystoreKeeper::on_packet(const ipc::MessageView& message, process::Packet& packet) {
  if (message.kind == ipc::MessageKind::keystore_answer)
    return on_answer(message.body, packet.descriptors[0]);
  return message.kind == ipc::MessageKind::keystore_report && on_report(message.body);
}

bool KeystoreKeeper::on_answer(Bytes body, const process::Descriptor& memory) {
  const auto number = ipc::read_keystore_number(body);
  const auto content = process::map_received(memory, 1, ipc::kMostKeystoreAnswer, process::Sharing::frozen);
  if (!number || !content) return false;
  const auto found = asked_.find(*number);
  if (found == asked_.end()) return true;
  if (found->second.client != 0) {
    auto& asked = found->second;
    asked.answer = Json::parse(as_text(content->bytes()), nullptr, false);
    if (!asked.answer->is_object()) return false;
    asked.after = ask_for(kDataplane);
    return true;
  }
  const auto process = found->second.process;
  asked_.erase(found);
  auto grants = ipc::read_grants(content->bytes());
  if (!grants) return false;
  const auto subscriber = subscribers_.find(process);
  if (subscriber != subscribers_.end()) subscriber->second(std::move(*grants));
  return true;
}

bool KeystoreKeeper::on_report(Bytes body) {
  const auto report = ipc::read_keystore_report(body);
  if (!report) return false;
  const bool news = !report_ || report_->locked != report->locked || report_->revision != report->revision;
  if (news && report->locked)
    log::write(log::Level::warning, "keystore", "it is locked: 'postern keys' says why");
  report_ = *report;
  if (!news || report->locked) return true;
  for (const auto& [process, hear] : subscribers_) ask_for(process);
  return true;
}

// What it gave stays in force: keys do not become wrong because their keeper was started again.
void KeystoreKeeper::on_gone() {
  report_.reset();
  std::erase_if(asked_, [](const auto& one) { return one.second.client == 0; });
}

KeystoreKeeper::Json KeystoreKeeper::json(Instant now) const {
  const auto& facts = companion_.facts();
  Json json{{"ready", report_.has_value()},
            {"locked", locked()},
            {"pid", facts.pid},
            {"starts", facts.starts},
            {"last_end", facts.last_end}};
  if (facts.pid == 0 && facts.next_start > now && facts.next_start != kNever) {
    json["next_start_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(facts.next_start - now).count() + 1;
  }
  return json;
}

void KeystoreKeeper::add_warnings(std::vector<std::string>& all) const {
  if (locked()) all.push_back("the keystore is locked: 'postern keys' says what it waits for");
  if (companion_.facts().pid == 0 && !companion_.facts().last_end.empty())
    all.push_back(companion_.facts().last_end);
}

}  // namespace postern::control
