// Matching words against the table: see the header.
#include "firmware/control/console/grammar.hpp"

#include <algorithm>
#include <set>

#include "firmware/control/console/form.hpp"
#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

namespace {

bool in(const Row& row, Mode mode) {
  return mode == Mode::both || row.mode == Mode::both || row.mode == mode;
}

std::vector<Walk> begin(Mode mode) {
  std::vector<Walk> walks;
  for (const auto& row : rows()) {
    if (in(row, mode)) walks.emplace_back(row);
  }
  return walks;
}

std::string listed(const std::set<std::string_view>& words) {
  std::string all;
  for (const auto word : words) all += (all.empty() ? "" : ", ") + std::string(word);
  return all;
}

std::set<std::string_view> next_words(const std::vector<Walk>& walks) {
  std::set<std::string_view> all;
  for (const auto& walk : walks) {
    for (const auto& next : walk.next()) all.insert(next.literal.empty() ? next.value : next.literal);
  }
  return all;
}

// Keeps the rows that the word fits best: an exact word before a value before the front of a word.
Result<void, Fault> advance(std::vector<Walk>& walks, const std::string& word) {
  Fit best = Fit::none;
  std::set<std::string_view> literals;
  std::vector<Fit> fits;
  for (const auto& walk : walks) {
    std::string_view literal;
    fits.push_back(walk.fits(word, literal));
    if (fits.back() > best) literals.clear();
    best = std::max(best, fits.back());
    if (fits.back() == best && !literal.empty()) literals.insert(literal);
  }
  if (best == Fit::none) {
    const auto known = next_words(walks);
    return fault("'" + word + "' is not understood here; " +
                 (known.empty() ? "nothing more can follow" : "there is: " + listed(known)));
  }
  if (best == Fit::front && literals.size() > 1)
    return fault("'" + word + "' could be " + listed(literals) + ": type more of it");
  std::vector<Walk> kept;
  for (std::size_t i = 0; i < walks.size(); ++i) {
    if (fits[i] != best) continue;
    walks[i].take(word, best);
    kept.push_back(std::move(walks[i]));
  }
  walks = std::move(kept);
  return {};
}

void add(std::vector<Candidate>& all, Candidate one) {
  for (const auto& have : all) {
    if (have.text == one.text) return;
  }
  all.push_back(std::move(one));
}

// A word that leads to one command has that command's help; one that leads to several, what they are.
std::string help_of(const std::vector<Walk>& walks, std::string_view literal) {
  std::string help;
  std::size_t rows = 0;
  std::set<std::string_view> second;
  for (const auto& walk : walks) {
    for (const auto& next : walk.next()) {
      if (next.literal != literal) continue;
      if (rows++ == 0) help = walk.row().help;
      auto later = walk;
      later.take(literal, Fit::exact);
      for (const auto& one : later.next()) {
        if (!one.literal.empty()) second.insert(one.literal);
      }
    }
  }
  return rows > 1 && second.size() > 1 ? listed(second) : help;
}

}  // namespace

Result<Call, Fault> understand(std::span<const std::string> words, Mode mode) {
  auto walks = begin(mode);
  for (const auto& word : words) {
    if (const auto gone = advance(walks, word); !gone) return tl::unexpected(gone.error());
  }
  for (const auto& walk : walks) {
    if (walk.complete()) return Call{&walk.row(), walk.arguments()};
  }
  return fault("there is more to say: " + listed(next_words(walks)));
}

std::vector<Candidate> expect(std::span<const std::string> words, std::string_view partial, Mode mode,
                              const Suggest& suggest) {
  auto walks = begin(mode);
  for (const auto& word : words) {
    if (!advance(walks, word)) return {};
  }
  std::vector<Candidate> all;
  for (const auto& walk : walks) {
    if (walk.complete() && partial.empty() && !words.empty())
      add(all, {"<enter>", std::string(walk.row().help)});
    for (const auto& next : walk.next()) {
      if (!next.literal.empty()) {
        if (next.literal.starts_with(partial))
          add(all, {std::string(next.literal), help_of(walks, next.literal)});
        continue;
      }
      auto values = suggest(next.value, partial, walk.arguments());
      if (values.empty() && partial.empty())
        values.push_back({"<" + std::string(next.value) + ">", std::string(value_help(next.value))});
      for (auto& value : values) add(all, std::move(value));
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.text < b.text; });
  return all;
}

std::vector<std::string> program_words(const Row& row, const Arguments& arguments) {
  std::vector<std::string> all;
  for (const auto piece : ipc::split_list(row.does, ' ')) {
    if (!piece.starts_with('{')) {
      all.emplace_back(piece);
      continue;
    }
    const auto inside = piece.substr(1, piece.size() - 2);
    const auto colon = inside.find(':');
    const auto given = arguments.find(inside.substr(0, colon));
    if (colon != std::string_view::npos) {
      if (given != arguments.end()) all.emplace_back(inside.substr(colon + 1));
    } else if (given != arguments.end()) {
      all.push_back(given->second);
    } else if (!all.empty() && all.back().starts_with('-')) {
      all.pop_back();
    }
  }
  return all;
}

}  // namespace postern::control::console
