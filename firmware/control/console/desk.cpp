// Keys, questions and the line that is edited: see the header. Pages and full screens are in desk_pages.cpp.
#include "firmware/control/console/desk.hpp"

namespace postern::control::console {

void Desk::bytes(std::string_view bytes, Instant now) {
  now_ = now;
  last_key_ = now;
  std::vector<Key> keys;
  reader_.feed(bytes, keys);
  for (auto& key : keys) hear(key);
  work();
}

// What has to be heard at once; everything else waits for its turn.
void Desk::hear(const Key& key) {
  if (key.kind == Key::Kind::pause) return;
  if (key.kind == Key::Kind::size) return sized(key.columns, key.rows);
  if (key.kind == Key::Kind::interrupt && focus_ == Focus::nobody) return interrupt();
  if (keys_.size() < kMostWaitingKeys) keys_.push_back(key);
}

void Desk::interrupt() {
  keys_.clear();
  if (stopped_) std::exchange(stopped_, {})();
}

void Desk::work() {
  while (!keys_.empty() && focus_ != Focus::nobody) {
    const Key key = std::move(keys_.front());
    keys_.pop_front();
    if (focus_ == Focus::prompt) {
      prompt_key(key);
    } else if (focus_ == Focus::more) {
      more_key(key);
    } else if (full_) {
      const auto handler = full_;  // may end the full screen, and itself
      handler(key);
    }
  }
}

void Desk::prompt_key(const Key& key) {
  using enum Key::Kind;
  if (key.kind == paste_begins || key.kind == paste_ends) {
    pasting_ = key.kind == paste_begins;
    return;
  }
  if (key.kind == literal) {
    literal_ = true;
    return;
  }
  const bool as_is = std::exchange(literal_, false) || pasting_;
  if (as_is && key.kind == tab) return editor_.insert(" ");
  if (!as_is && prompt_.key && prompt_.key(key)) return;
  const bool empty = editor_.text().empty();
  if (key.kind == Key::Kind::enter) return Desk::enter();
  if (key.kind == interrupt || (key.kind == end_of_input && empty)) {
    if (!prompt_.left) {
      editor_.wipe();
      return;
    }
    editor_.finish();
    out_ += editor_.take();
    editor_.wipe();
    const auto left = std::exchange(prompt_, {}).left;
    focus_ = Focus::nobody;
    left();
    return;
  }
  if (key.kind == redraw) {
    editor_.hide();
    ask_size();
    return editor_.show();
  }
  if (editor_.key(key) && prompt_.changed) prompt_.changed();
}

void Desk::enter() {
  editor_.finish();
  out_ += editor_.take();
  auto text = editor_.text();
  editor_.wipe();
  const auto entered = std::exchange(prompt_, {}).entered;
  focus_ = Focus::nobody;
  if (entered) entered(std::move(text));
}

void Desk::prompt(Prompt prompt) {
  prompt_ = std::move(prompt);
  focus_ = Focus::prompt;
  stopped_ = {};
  editor_.set_screen(columns_, plain_);
  editor_.begin(prompt_.text, prompt_.hidden);
  out_ += editor_.take();
}

void Desk::busy(Then stopped) {
  focus_ = Focus::nobody;
  stopped_ = std::move(stopped);
}

std::uint64_t Desk::ask(Request::Kind kind, Json body, OnAnswer then) {
  const auto ticket = next_ticket_++;
  pending_[ticket] = {std::move(then), {}, {}};
  requests_.push_back({kind, ticket, std::move(body)});
  return ticket;
}

std::uint64_t Desk::run(std::vector<std::string> words, OnText line, OnAnswer end) {
  const auto ticket = ask(Request::Kind::program,
                          {{"words", words}, {"columns", columns_ - 1}, {"colour", !plain_}}, std::move(end));
  pending_[ticket].line = std::move(line);
  return ticket;
}

void Desk::stop(std::uint64_t ticket) {
  if (pending_.erase(ticket) != 0) requests_.push_back({Request::Kind::stop, ticket, {}});
}

void Desk::forget() {
  for (const auto& [ticket, pending] : std::exchange(pending_, {})) {
    if (pending.line) requests_.push_back({Request::Kind::stop, ticket, {}});
  }
  keys_.clear();
  paper_ = {};
  stopped_ = {};
}

// An answer in a form that nobody expects is no reason to fall over.
void Desk::answer(std::uint64_t ticket, const Json& answer) {
  const auto found = pending_.find(ticket);
  if (found == pending_.end()) return;
  auto pending = std::move(found->second);
  pending_.erase(found);
  if (pending.line && !pending.rest.empty()) pending.line(std::exchange(pending.rest, {}));
  try {
    if (pending.answer)
      pending.answer(answer.is_object() ? answer : Json{{"error", "the answer cannot be read"}});
  } catch (const Json::exception&) {
    print("the answer cannot be read\n");
    if (pending.answer && focus_ == Focus::nobody) pending.answer({{"error", "the answer cannot be read"}});
  }
  work();
}

void Desk::output(std::uint64_t ticket, std::string_view bytes) {
  for (const char c : bytes) {
    const auto found = pending_.find(ticket);
    if (found == pending_.end() || !found->second.line) return;
    auto& pending = found->second;
    if (c == '\n' || pending.rest.size() >= kMostLine) {
      const auto line = pending.line;  // may stop the program
      line(std::exchange(pending.rest, {}));
    } else {
      pending.rest += c;
    }
  }
  work();
}

void Desk::tick(Instant now) {
  now_ = now;
  if (!reader_.half() || now - last_key_ < std::chrono::milliseconds(200)) return;
  std::vector<Key> keys;
  reader_.rest(keys);
  for (const auto& key : keys) hear(key);
  work();
}

void Desk::sized(std::size_t columns, std::size_t rows) {
  columns_ = std::clamp<std::size_t>(columns, 20, 500);
  rows_ = std::clamp<std::size_t>(rows, 5, 200);
  plain_ = false;
  editor_.set_screen(columns_, plain_);
}

// The cursor goes as far as it can, and the terminal is asked where that is. ECMA-48 §8.3.35 (DSR).
void Desk::ask_size() {
  out_ +=
      "\x1b"
      "7\x1b[999;999H\x1b[6n\x1b"
      "8";
}

std::string Desk::take_screen() {
  if (focus_ == Focus::prompt) out_ += editor_.take();
  return std::exchange(out_, {});
}

}  // namespace postern::control::console
