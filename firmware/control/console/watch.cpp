// Announcements: see the header.
#include "firmware/control/console/watch.hpp"

#include "firmware/control/cli/table.hpp"

namespace postern::control::console {

namespace {

using Kind = Request::Kind;

std::string word(const Json& from, const char* key) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  if (found == from.end() || found->is_null()) return {};
  return cli::printable(found->is_string() ? found->get<std::string>() : found->dump());
}

std::uint64_t number(const Json& from, const char* key) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  return found != from.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

void Watch::begin() {
  on_ = first_ = true;
  asking_ = own_ = false;
  next_ = desk_.now();
  running_ = waiting_ = 0;
  minutes_.reset();
  warnings_.clear();
}

void Watch::tick(Instant now) {
  if (!on_ || asking_ || now < next_) return;
  next_ = now + kEvery;
  asking_ = true;
  desk_.ask(Kind::door, {{"command", "status"}}, [this](const Json& answer) {
    status(answer);
    desk_.ask(Kind::door, {{"command", "settings.state"}}, [this](const Json& told) {
      state(told);
      asking_ = first_ = false;
    });
  });
}

void Watch::status(const Json& answer) {
  if (answer.contains("error")) {
    if (dataplane_ != "unknown") desk_.announce("*** postern-control does not answer");
    dataplane_ = "unknown";
    return;
  }
  const auto found = answer.find("dataplane");
  const auto now = found == answer.end() ? std::string() : word(*found, "state");
  if (!first_ && now != dataplane_)
    desk_.announce(now == "attached" ? "*** mail runs again"
                                     : "*** mail does not run: the data plane is " + now);
  dataplane_ = now;
  std::set<std::string> warnings;
  const auto list = answer.find("warnings");
  for (const auto& one : list == answer.end() ? Json::array() : *list) {
    if (one.is_string()) warnings.insert(cli::printable(one.get<std::string>()));
  }
  for (const auto& one : warnings) {
    if (warnings_.count(one) == 0) desk_.announce("*** warning: " + one);
  }
  warnings_ = std::move(warnings);
}

void Watch::state(const Json& answer) {
  if (answer.contains("error")) return;
  const auto running = number(answer, "running");
  const bool changed = running != running_ && !first_;
  const bool was_waiting = waiting_ != 0;
  announcements(answer);
  confirmation(answer);
  if (was_waiting && waiting_ == 0 && !changed && !own_) {
    desk_.announce("*** settings confirmed: generation " + std::to_string(running) + " stays");
  } else if (changed && !own_) {
    tell_generation(running);
  }
  running_ = running;
  own_ = false;
}

// What the store did by itself, such as going back; what lies before this login was told to others.
void Watch::announcements(const Json& answer) {
  std::set<std::string> now;
  const auto list = answer.find("announcements");
  for (const auto& one : list == answer.end() ? Json::array() : *list) {
    const auto text = word(one, "text");
    const auto key = word(one, "time") + " " + text;
    now.insert(key);
    if (!first_ && said_.count(key) == 0) desk_.announce("*** " + text);
  }
  said_ = std::move(now);
}

void Watch::confirmation(const Json& answer) {
  const auto found = answer.find("confirm");
  if (found == answer.end() || !found->is_object()) {
    waiting_ = 0;
    minutes_.reset();
    return;
  }
  waiting_ = std::max<std::uint64_t>(1, number(*found, "generation"));
  countdown(number(*found, "seconds"));
}

// Told with the first look, and at five and one minutes.
void Watch::countdown(std::uint64_t seconds) {
  const auto minutes = (seconds + 59) / 60;
  const bool fresh = !minutes_;
  const bool near = minutes_ && minutes < *minutes_ && (minutes == 5 || minutes == 1);
  if ((fresh && !own_) || near)
    desk_.announce("*** settings go back in " + std::to_string(minutes) + " min unless confirmed: `confirm`");
  minutes_ = minutes;
}

void Watch::tell_generation(std::uint64_t generation) {
  desk_.ask(Kind::door, {{"command", "settings.history"}, {"most", 1}},
            [this, generation](const Json& answer) {
              std::string by;
              const auto list = answer.find("generations");
              if (list != answer.end() && !list->empty() && list->is_array()) {
                const auto& one = list->front();
                by = " by " + word(one, "author") + " (" + word(one, "source") + ")";
                if (const auto comment = word(one, "comment"); !comment.empty()) by += ": " + comment;
              }
              desk_.announce("*** settings changed: generation " + std::to_string(generation) + by);
            });
}

}  // namespace postern::control::console
