// Printing, pages and full screens: see desk.hpp.
#include "firmware/control/cli/table.hpp"
#include "firmware/control/console/desk.hpp"

namespace postern::control::console {

namespace {

constexpr std::string_view kMore = "--more--  (space: page, Enter: line, q: end)";

// The length of a colour at the front ("ESC [ 1 m"); 0 where there is none.
std::size_t colour_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const auto end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && end < 16 && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string all;
  while (!text.empty()) {
    const auto colour = colour_length(text);
    if (colour != 0) {
      all += text.substr(0, colour);
      text.remove_prefix(colour);
      continue;
    }
    const auto next = std::min(text.find('\x1b', 1), text.size());
    auto piece = std::string(text.substr(0, next));
    for (auto& c : piece) {
      if (c == '\t') c = ' ';
    }
    all += cli::printable(piece);
    text.remove_prefix(next);
  }
  return all;
}

// At the left margin of an empty row.
void Desk::put_line(std::string_view line) {
  auto text = harmless(line);
  if (plain_) {
    std::string bare;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (const auto colour = colour_length(std::string_view(text).substr(i)); colour != 0) {
        i += colour - 1;
      } else {
        bare += text[i];
      }
    }
    text = std::move(bare);
  }
  out_ += text + "\r\n";
}

void Desk::print(std::string_view text) {
  if (focus_ == Focus::full) return later_.emplace_back(text), void();
  const bool was_shown = focus_ == Focus::prompt && editor_.shown();
  if (was_shown) {
    editor_.hide();
    out_ += editor_.take();
  }
  if (focus_ == Focus::more) out_ += plain_ ? "\r" + std::string(kMore.size(), ' ') + "\r" : "\r\x1b[K";
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    put_line(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  if (focus_ == Focus::more) out_ += kMore;
  if (was_shown) {
    editor_.show();
    out_ += editor_.take();
  }
}

void Desk::announce(std::string_view line) {
  if (focus_ == Focus::full && later_.size() >= 20) later_.erase(later_.begin());
  print(line);
}

void Desk::begin_pages(std::vector<Pipe> pipes, Then stopped, Then done) {
  paper_ = {};
  paper_.open = true;
  paper_.all = wants_no_pager(pipes);
  paper_.room = rows_ - 1;
  paper_.filter = Filter(std::move(pipes));
  paper_.stopped = stopped;
  paper_.done = std::move(done);
  busy([this] {
    const auto stop = paper_.stopped;
    if (stop) stop();
    put_line("stopped");
    close_pages();
  });
}

void Desk::page(std::string line) {
  if (!paper_.open) return;
  for (auto& one : paper_.filter.line(std::move(line))) {
    if (paper_.lines.size() < kMostLines) paper_.lines.push_back(std::move(one));
  }
  flow();
}

void Desk::page_text(std::string_view text) {
  while (!text.empty() && paper_.open) {
    const auto end = std::min(text.find('\n'), text.size());
    page(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

void Desk::end_pages() {
  if (!paper_.open) return;
  for (auto& one : paper_.filter.end()) paper_.lines.push_back(std::move(one));
  paper_.ended = true;
  flow();
}

std::size_t Desk::rows_of(std::string_view line) const {
  return std::max<std::size_t>(1, (cli::columns_of(line) + columns_ - 1) / columns_);
}

// As many lines as there is room for; the last line of all needs no stop.
void Desk::flow() {
  if (focus_ == Focus::more) return;
  while (!paper_.lines.empty()) {
    const auto need = rows_of(paper_.lines.front());
    const bool last = paper_.ended && paper_.lines.size() == 1;
    if (!paper_.all && paper_.room < need + (last ? 0 : 1) && paper_.room < rows_ - 1) {
      out_ += kMore;
      focus_ = Focus::more;
      return;
    }
    paper_.room -= std::min(paper_.room, need);
    put_line(paper_.lines.front());
    paper_.lines.pop_front();
  }
  if (paper_.ended) close_pages();
}

void Desk::more_key(const Key& key) {
  using enum Key::Kind;
  const bool ends =
      key.kind == interrupt || key.kind == end_of_input || (key.kind == character && key.text == "q");
  const bool page = key.kind == page_down || (key.kind == character && key.text == " ");
  if (!ends && !page && key.kind != enter && key.kind != down) return;
  out_ += plain_ ? "\r" + std::string(kMore.size(), ' ') + "\r" : "\r\x1b[K";
  focus_ = Focus::nobody;
  if (ends) {
    if (!paper_.ended && paper_.stopped) paper_.stopped();
    return close_pages();
  }
  paper_.room = page ? rows_ - 1 : std::min(rows_ - 1, rows_of(paper_.lines.front()) + 1);
  flow();
}

void Desk::close_pages() {
  const auto done = std::exchange(paper_, {}).done;
  focus_ = Focus::nobody;
  if (done) done();
}

void Desk::begin_full(std::function<void(const Key&)> key) {
  full_ = std::move(key);
  focus_ = Focus::full;
}

void Desk::leave_full() {
  full_ = {};
  focus_ = Focus::nobody;
  for (const auto& text : std::exchange(later_, {})) print(text);
}

}  // namespace postern::control::console
