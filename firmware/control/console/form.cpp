// Reading forms and walking along them: see the header.
#include "firmware/control/console/form.hpp"

#include "firmware/ipc/settings_value.hpp"

namespace postern::control::console {

namespace {

void read_value(std::string_view text, Element& element) {
  element.value = text.substr(1, text.size() - 2);
  element.rest = element.value.ends_with("...");
  if (element.rest) element.value.remove_suffix(3);
}

}  // namespace

std::vector<Element> read_form(std::string_view form) {
  std::vector<Element> all;
  while (!form.empty()) {
    const bool option = form.front() == '[';
    const auto end = option ? form.find(']') : form.find(' ');
    auto piece = form.substr(0, end);
    form.remove_prefix(std::min(form.size(), option ? end + 1 : piece.size()));
    if (form.starts_with(' ')) form.remove_prefix(1);
    Element element{.optional = option};
    if (option) piece.remove_prefix(1);
    const auto value = piece.find('<');
    element.word = piece.substr(0, std::min(value, piece.find(' ')));
    if (value != std::string_view::npos) read_value(piece.substr(value), element);
    all.push_back(element);
  }
  return all;
}

const Element* Walk::required() const {
  std::size_t number = 0;
  for (const auto& element : *form_) {
    if (!element.optional && number++ == at_) return &element;
  }
  return nullptr;
}

const Element* Walk::option(std::string_view word, bool exact) const {
  for (std::size_t i = 0; i < form_->size(); ++i) {
    const auto& one = (*form_)[i];
    if (!one.optional || one.word.empty() || used_[i]) continue;
    if (exact ? one.word == word : one.word.starts_with(word)) return &one;
  }
  return nullptr;
}

const Element* Walk::place() const {
  for (std::size_t i = 0; i < form_->size(); ++i) {
    if ((*form_)[i].optional && (*form_)[i].word.empty() && !used_[i]) return &(*form_)[i];
  }
  return nullptr;
}

Fit Walk::fits(std::string_view word, std::string_view& literal) const {
  if (pending_ != nullptr || rest_ != nullptr) return Fit::value;
  if (const auto* element = required()) {
    if (element->word.empty()) return Fit::value;
    literal = element->word;
    return element->word == word ? Fit::exact : element->word.starts_with(word) ? Fit::front : Fit::none;
  }
  if (const auto* one = option(word, true)) return literal = one->word, Fit::exact;
  if (place() != nullptr) return Fit::value;
  if (const auto* one = option(word, false)) return literal = one->word, Fit::front;
  return Fit::none;
}

void Walk::bind(const Element& element, std::string_view word) {
  auto& value = arguments_[std::string(element.value)];
  value += (value.empty() ? "" : std::string(1, ipc::kListSeparator)) + std::string(word);
  if (element.rest) rest_ = &element;
}

void Walk::take(std::string_view word, Fit fit) {
  if (rest_ != nullptr) return bind(*rest_, word);
  if (pending_ != nullptr) return bind(*std::exchange(pending_, nullptr), word);
  if (const auto* element = required()) {
    ++at_;
    if (element->word.empty()) bind(*element, word);
    return;
  }
  const auto* element = fit == Fit::value ? place() : option(word, fit == Fit::exact);
  if (element == nullptr) return;
  used_.set(static_cast<std::size_t>(element - form_->data()));
  if (element->word.empty()) return bind(*element, word);
  arguments_.try_emplace(std::string(element->word));
  if (!element->value.empty()) pending_ = element;
}

bool Walk::complete() const {
  return required() == nullptr && pending_ == nullptr;
}

std::vector<Walk::Next> Walk::next() const {
  if (rest_ != nullptr) return {{{}, rest_->value, true}};
  if (pending_ != nullptr) return {{{}, pending_->value, false}};
  if (const auto* element = required())
    return {element->word.empty() ? Next{{}, element->value, false} : Next{element->word, {}, false}};
  std::vector<Next> all;
  for (std::size_t i = 0; i < form_->size(); ++i) {
    if (!(*form_)[i].optional || used_[i]) continue;
    all.push_back((*form_)[i].word.empty() ? Next{{}, (*form_)[i].value, true}
                                           : Next{(*form_)[i].word, {}, true});
  }
  return all;
}

}  // namespace postern::control::console
