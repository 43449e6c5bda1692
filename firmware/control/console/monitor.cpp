// Live views: see the header.
#include "firmware/control/console/monitor.hpp"

#include "firmware/control/cli/log_table.hpp"

namespace postern::control::console {

namespace {

using Asks = Request::Kind;

constexpr std::size_t kMostGathered = 16u << 20;

}  // namespace

void Monitor::begin(const std::string& what, std::function<void()> done) {
  kind_ = what == "monitor mail" ? Kind::mail : what == "monitor queue" ? Kind::queue : Kind::dataplane;
  if (kind_ != Kind::mail && desk_.plain()) {
    kind_ = Kind::none;
    desk_.print("This terminal did not tell its size, so it gets no full screen. Ctrl-L asks it again.\n");
    return done();
  }
  done_ = std::move(done);
  last_ = 0;
  head_ = true;
  asking_ = false;
  before_ = now_ = {};
  next_ = desk_.now();
  if (kind_ == Kind::mail) desk_.print("What becomes of each message, as it happens; q ends.\n");
  desk_.begin_full([this](const Key& key) {
    const bool ends = key.kind == Key::Kind::interrupt || key.kind == Key::Kind::end_of_input ||
                      key.kind == Key::Kind::escape || (key.kind == Key::Kind::character && key.text == "q");
    if (ends) end();
  });
}

void Monitor::end() {
  if (kind_ == Kind::none) return;
  kind_ = Kind::none;
  if (run_ != 0) desk_.stop(std::exchange(run_, 0));
  desk_.draw(painter_.leave());
  desk_.leave_full();
  if (const auto done = std::exchange(done_, {})) done();
}

Duration Monitor::every() const {
  if (kind_ == Kind::queue) return std::chrono::seconds(3);
  return station_.baud != 0 && station_.baud < 38400 ? std::chrono::seconds(2) : std::chrono::seconds(1);
}

void Monitor::tick(Instant now, bool drained) {
  if (kind_ == Kind::none || now < next_ || !drained) return;
  // An answer that never came is not waited for any longer.
  if (asking_ && now - asked_ < std::chrono::seconds(15)) return;
  next_ = now + every();
  asked_ = now;
  asking_ = true;
  look();
}

void Monitor::look() {
  const auto only = [this](Kind kind, void (Monitor::*then)(const Json&)) {
    return [this, kind, then](const Json& answer) {
      if (kind_ == kind) (this->*then)(answer);
    };
  };
  if (kind_ == Kind::mail) {
    desk_.ask(Asks::door, {{"command", "outcomes"}, {"after", last_}, {"most", last_ == 0 ? 10 : 200}},
              only(kind_, &Monitor::mail));
  } else if (kind_ == Kind::dataplane) {
    desk_.ask(Asks::door, {{"command", "status"}}, only(kind_, &Monitor::dataplane));
  } else {
    gathered_.clear();
    run_ = desk_.run(
        {"queue", "list", "--json"},
        [this](const std::string& line) {
          if (gathered_.size() < kMostGathered) gathered_ += line + "\n";
        },
        [this](const Json&) {
          run_ = 0;
          if (kind_ == Kind::queue) queue(Json::parse(gathered_, nullptr, false));
        });
  }
}

void Monitor::mail(const Json& answer) {
  asking_ = false;
  const auto list = answer.find("outcomes");
  if (list == answer.end() || !list->is_array()) return;
  // A control that was started again counts from one again.
  const auto newest = answer.value("last", std::uint64_t{0});
  if (newest < last_) last_ = 0;
  if (!list->empty() || head_) {
    auto text = cli::outcome_table(*list, desk_.columns() - 1).text(desk_.columns() - 1, !desk_.plain());
    if (!std::exchange(head_, false)) text.erase(0, text.find('\n') + 1);
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      desk_.draw(harmless(std::string_view(text).substr(at, end - at)) + "\r\n");
      at = end == std::string::npos ? text.size() : end + 1;
    }
  }
  if (!list->empty()) last_ = list->back().value("number", last_);
}

void Monitor::dataplane(const Json& status) {
  if (status.contains("error")) {
    asking_ = false;
    return frame({"postern-control does not answer"});
  }
  before_ = before_.status.is_null() ? cli::Look{0, status, Json::array()} : std::move(now_);
  now_ = {static_cast<double>(desk_.now().time_since_epoch().count()) / 1e9, status, Json::array()};
  desk_.ask(Asks::door, {{"command", "outcomes"}, {"after", 0}, {"most", 20}}, [this](const Json& answer) {
    asking_ = false;
    if (kind_ != Kind::dataplane) return;
    now_.outcomes = answer.value("outcomes", Json::array());
    if (before_.seconds == 0) before_ = now_;
    frame(cli::top_lines(before_, now_, desk_.columns() - 1, desk_.rows() - 1, true));
  });
}

void Monitor::queue(const Json& answer) {
  asking_ = false;
  if (!answer.is_array()) return frame({"the queue cannot be read"});
  frame(queue_lines(answer, desk_.columns() - 1, desk_.rows() - 1, true));
}

void Monitor::frame(std::vector<std::string> lines) {
  lines.resize(desk_.rows() - 1);
  for (auto& line : lines) line = harmless(line);
  lines.emplace_back("q: end");
  desk_.draw(painter_.frame(lines, desk_.columns(), desk_.rows()));
}

}  // namespace postern::control::console
