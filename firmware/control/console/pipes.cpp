// Filters of lines: see the header.
#include "firmware/control/console/pipes.hpp"

#include <algorithm>
#include <array>

#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

namespace {

struct Known {
  std::string_view word;
  Pipe::Kind kind;
  std::string_view takes;
  std::string_view help;
};

constexpr auto kPipes = std::to_array<Known>({
    {"match", Pipe::Kind::match, "text", "only lines that hold this text, in capitals or not"},
    {"except", Pipe::Kind::except, "text", "only lines that do not hold it"},
    {"begin", Pipe::Kind::begin, "text", "from the first line on that holds it"},
    {"last", Pipe::Kind::last, "number", "only so many lines at the end"},
    {"count", Pipe::Kind::count, "", "how many lines there are"},
    {"json", Pipe::Kind::json, "", "for programs: JSON instead of text"},
    {"no-more", Pipe::Kind::no_more, "", "do not stop after each screen"},
});

const Known* find(std::string_view word) {
  const Known* found = nullptr;
  for (const auto& known : kPipes) {
    if (known.word == word) return &known;
    if (known.word.starts_with(word)) found = found == nullptr ? &known : nullptr;
  }
  return word.empty() ? nullptr : found;
}

bool has(std::span<const Pipe> pipes, Pipe::Kind kind) {
  return std::any_of(pipes.begin(), pipes.end(), [&](const auto& one) { return one.kind == kind; });
}

// Without the colours.
std::string bare(std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == 0x1b) {
      while (i < text.size() && text[i] != 'm') ++i;
    } else {
      all += text[i];
    }
  }
  return ipc::lower(all);
}

bool holds(std::string_view line, const Pipe& pipe) {
  return bare(line).find(ipc::lower(pipe.text)) != std::string::npos;
}

}  // namespace

Result<std::vector<Pipe>, Fault> read_pipes(std::span<const std::vector<Word>> parts) {
  std::vector<Pipe> all;
  for (const auto& part : parts) {
    const auto* known = part.empty() ? nullptr : find(part[0].text);
    if (known == nullptr)
      return fault("behind '|' there can be: match, except, begin, last, count, json, no-more");
    Pipe pipe{known->kind, {}, 0};
    for (std::size_t i = 1; i < part.size(); ++i) pipe.text += (i > 1 ? " " : "") + part[i].text;
    if (pipe.text.empty() != known->takes.empty())
      return fault("'" + std::string(known->word) + "' takes " +
                   (known->takes.empty() ? "nothing" : "a " + std::string(known->takes)));
    if (known->kind == Pipe::Kind::last) {
      const auto number = ipc::read_integer(pipe.text);
      if (!number || *number == 0 || *number > Filter::kMostLast)
        return fault("'last' takes a number from 1 to " + std::to_string(Filter::kMostLast));
      pipe.number = static_cast<std::size_t>(*number);
    }
    all.push_back(std::move(pipe));
  }
  return all;
}

std::vector<Candidate> expect_pipe(std::span<const std::string> words, std::string_view partial) {
  std::vector<Candidate> all;
  if (words.empty()) {
    for (const auto& known : kPipes) {
      if (known.word.starts_with(partial))
        all.push_back({std::string(known.word), std::string(known.help), true});
    }
  } else if (const auto* known = find(words[0]); known != nullptr && words.size() == 1 && partial.empty()) {
    if (!known->takes.empty())
      all.push_back({"<" + std::string(known->takes) + ">", std::string(known->help), true});
  }
  return all;
}

bool wants_json(std::span<const Pipe> pipes) {
  return has(pipes, Pipe::Kind::json);
}

bool wants_no_pager(std::span<const Pipe> pipes) {
  return has(pipes, Pipe::Kind::no_more);
}

Filter::Filter(std::vector<Pipe> pipes) {
  for (auto& pipe : pipes) {
    if (pipe.kind != Pipe::Kind::json && pipe.kind != Pipe::Kind::no_more)
      stages_.push_back({std::move(pipe)});
  }
}

void Filter::push(std::size_t stage, std::string text, std::vector<std::string>& out) {
  for (; stage < stages_.size(); ++stage) {
    auto& one = stages_[stage];
    switch (one.pipe.kind) {
      case Pipe::Kind::match:
        if (!holds(text, one.pipe)) return;
        break;
      case Pipe::Kind::except:
        if (holds(text, one.pipe)) return;
        break;
      case Pipe::Kind::begin:
        one.begun = one.begun || holds(text, one.pipe);
        if (!one.begun) return;
        break;
      case Pipe::Kind::last:
        one.kept.push_back(std::move(text));
        if (one.kept.size() > one.pipe.number) one.kept.pop_front();
        return;
      default:
        ++one.count;
        return;
    }
  }
  out.push_back(std::move(text));
}

std::vector<std::string> Filter::line(std::string text) {
  std::vector<std::string> out;
  push(0, std::move(text), out);
  return out;
}

std::vector<std::string> Filter::end() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    auto& stage = stages_[i];
    if (stage.pipe.kind == Pipe::Kind::count) push(i + 1, "count: " + std::to_string(stage.count), out);
    for (auto& text : std::exchange(stage.kept, {})) push(i + 1, std::move(text), out);
  }
  return out;
}

}  // namespace postern::control::console
