// Completion, help and masks on the command line: see shell.hpp.
#include <algorithm>

#include "firmware/control/cli/table.hpp"
#include "firmware/control/console/shell.hpp"

namespace postern::control::console {

namespace {

bool insertable(const Candidate& one) {
  return !one.text.starts_with('<');
}

std::string common_front(const std::vector<Candidate>& all) {
  std::string front = all.front().text;
  for (const auto& one : all) {
    std::size_t same = 0;
    while (same < std::min(front.size(), one.text.size()) && front[same] == one.text[same]) ++same;
    front.resize(same);
  }
  return front;
}

}  // namespace

bool Shell::key(const Key& key) {
  auto& editor = desk_.editor();
  const auto before = split_line(std::string_view(editor.text()).substr(0, editor.cursor()));
  switch (key.kind) {
    case Key::Kind::tab:
      return complete(false), true;
    case Key::Kind::up:
      if (const auto line = history_.earlier(editor.text())) editor.set_text(*line);
      return mask(), true;
    case Key::Kind::down:
      if (const auto line = history_.later()) editor.set_text(*line);
      return mask(), true;
    case Key::Kind::end_of_input:
      if (!editor.text().empty()) return editor.key({Key::Kind::erase}), mask(), true;
      editor.insert("exit");
      return desk_.enter(), true;
    case Key::Kind::character:
      if (key.text != "?" || before.open) return history_.rest(), false;
      return complete(true), true;
    default:
      return false;
  }
}

std::vector<Candidate> Shell::candidates(std::string& partial) const {
  const auto& editor = std::as_const(desk_).editor();
  const auto line = split_line(std::string_view(editor.text()).substr(0, editor.cursor()));
  if (line.open) return {};
  auto words = texts(line.parts.back());
  if (line.inside && !words.empty()) {
    partial = words.back();
    words.pop_back();
  }
  if (line.parts.size() > 1) return expect_pipe(words, partial);
  auto all = expect(words, partial, mode(), [this](auto value, auto typed, const auto& so_far) {
    return suggest(value, typed, so_far);
  });
  if (words.empty()) return all;
  const auto whole = understand(words, mode());
  if (whole && partial.empty()) all.push_back({"|", "filter what is shown", true});
  return all;
}

std::vector<Candidate> Shell::suggest(std::string_view value, std::string_view partial,
                                      const Arguments& so_far) const {
  const auto front = configuring_ && !path_.empty() ? path_ + "." : std::string();
  if (value == "setting" || value == "path") {
    auto all = vocabulary_.names(partial, front);
    if (value == "path") {
      std::erase_if(all, [](const auto& one) { return one.whole; });
      for (auto& one : all) one.text.pop_back();
    }
    return all;
  }
  if (value == "value" && so_far.count("setting") != 0 && so_far.count("value") == 0)
    return vocabulary_.values(whole_name(so_far.at("setting")), partial);
  if (value == "generation") {
    std::vector<Candidate> all;
    for (const auto& one : generations_) {
      if (one.text.starts_with(partial)) all.push_back(one);
    }
    return all;
  }
  return {};
}

void Shell::complete(bool list_only) {
  auto& editor = desk_.editor();
  if (secret_from(editor.text()) < editor.cursor()) return;
  std::string partial;
  const auto all = candidates(partial);
  std::vector<Candidate> words;
  std::copy_if(all.begin(), all.end(), std::back_inserter(words), insertable);
  if (!list_only && !words.empty()) {
    const auto front = common_front(words);
    if (front.size() > partial.size() || words.size() == 1) {
      editor.insert(front.substr(std::min(partial.size(), front.size())));
      if (words.size() == 1 && words.front().whole) editor.insert(" ");
      return mask();
    }
  }
  list(all);
}

// One screen at most; where that is too little, words without their help; then what begins so, and how many.
void Shell::list(const std::vector<Candidate>& candidates) {
  if (candidates.empty()) return desk_.print("  nothing that is known here\n");
  const auto columns = desk_.columns() - 1;
  std::size_t widest = 0;
  for (const auto& one : candidates) widest = std::max(widest, cli::columns_of(one.text));
  widest = std::min(widest, columns / 2);
  std::string text;
  if (candidates.size() + 3 <= desk_.rows()) {
    for (const auto& one : candidates) {
      auto word = one.text;
      word.resize(std::max(word.size(), widest), ' ');
      text += cli::cut("  " + word + "  " + one.help, columns) + "\n";
    }
    return desk_.print(text);
  }
  const auto across = std::max<std::size_t>(1, columns / (widest + 2));
  const auto most = std::min(candidates.size(), across * (desk_.rows() - 3));
  for (std::size_t i = 0; i < most; ++i) {
    auto word = cli::cut(candidates[i].text, widest);
    if ((i + 1) % across != 0) word.resize(std::max(word.size(), widest), ' ');
    text += "  " + word + ((i + 1) % across == 0 || i + 1 == most ? "\n" : "");
  }
  if (most < candidates.size())
    text += "  and " + std::to_string(candidates.size() - most) + " more: type a little of it\n";
  desk_.print(text);
}

// Where a secret begins on this line; the end of all where there is none.
std::size_t Shell::secret_from(const std::string& line) const {
  if (!configuring_) return std::string::npos;
  const auto words = split_line(line).parts.front();
  if (words.size() < 2 || words[0].text.empty() || words[1].until >= line.size()) return std::string::npos;
  const auto verb = std::string_view(words[0].text);
  const bool takes = std::string_view("set").starts_with(verb) || std::string_view("add").starts_with(verb) ||
                     std::string_view("remove").starts_with(verb);
  return takes && vocabulary_.secret(whole_name(words[1].text)) ? words[1].until + 1 : std::string::npos;
}

void Shell::mask() {
  desk_.editor().mask(secret_from(desk_.editor().text()));
}

}  // namespace postern::control::console
