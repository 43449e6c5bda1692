// One HTTP request, taken apart: see the header.
#include "firmware/control/admin/http/request.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>

namespace postern::admin {

namespace http = boost::beast::http;

namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "a=1&b=2"; false where a name comes twice or something is malformed.
bool take_query(std::string_view text, std::map<std::string, std::string>& query) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decoded(pair.substr(0, equals), true);
    const auto value =
        percent_decoded(equals < pair.size() ? pair.substr(equals + 1) : std::string_view(), true);
    if (!name || !value || !query.emplace(*name, *value).second) return false;
  }
  return true;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto at = headers.find(std::string(name));
  return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

std::string Request::cookie(std::string_view name) const {
  std::string_view all = header("cookie");
  while (!all.empty()) {
    const auto end = std::min(all.find(';'), all.size());
    const auto pair = trimmed(all.substr(0, end));
    all.remove_prefix(std::min(end + 1, all.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
  }
  return {};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
      c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  return out;
}

bool take_target(std::string_view target, Request& request) {
  if (target.empty() || target.front() != '/') return false;
  const auto mark = std::min(target.find('?'), target.size());
  const auto path = percent_decoded(target.substr(0, mark), false);
  if (!path) return false;
  request.path = *path;
  return mark == target.size() || take_query(target.substr(mark + 1), request.query);
}

struct RequestReader::Parser {
  http::request_parser<http::string_body> own;
};

RequestReader::RequestReader(RequestLimits limits) : limits_(limits) {
  start();
}

RequestReader::~RequestReader() = default;

void RequestReader::start() {
  parser_ = std::make_unique<Parser>();
  parser_->own.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser_->own.body_limit(limits_.body_bytes);
  state_ = State::more;
  begun_ = expects_ = judged_ = false;
}

RequestReader::State RequestReader::feed(std::string_view bytes) {
  waiting_.append(bytes);
  work();
  return state_;
}

void RequestReader::work() {
  while (state_ == State::more && !waiting_.empty()) {
    begun_ = true;
    boost::beast::error_code error;
    const auto used = parser_->own.put(boost::asio::buffer(waiting_), error);
    waiting_.erase(0, used);
    if (parser_->own.is_header_done() && !judged_) judge_head();
    if (state_ != State::more) return;
    if (error == http::error::header_limit || error == http::error::body_limit) {
      state_ = State::too_large;
    } else if (error && error != http::error::need_more) {
      state_ = State::malformed;
    } else if (parser_->own.is_done()) {
      state_ = State::complete;
    } else if (error == http::error::need_more) {
      // A head that is kept back counts, too.
      if (waiting_.size() > limits_.header_bytes) state_ = State::too_large;
      return;
    }
  }
}

void RequestReader::judge_head() {
  judged_ = true;
  const auto& head = parser_->own.get();
  if (head.version() != 11) state_ = State::unwanted;
  // RFC 9112 §3.2: exactly one Host. Two lengths are how requests are smuggled (§6.3).
  if (head.count(http::field::host) != 1) state_ = State::malformed;
  if (head.count(http::field::content_length) > 1) state_ = State::malformed;
  if (head.count(http::field::upgrade) != 0 && head.method() == http::verb::connect) state_ = State::unwanted;
  expects_ = boost::beast::iequals(head[http::field::expect], "100-continue");
}

bool RequestReader::take_expectation() {
  return state_ == State::more && std::exchange(expects_, false);
}

Request RequestReader::take() {
  Request request;
  auto message = parser_->own.release();
  request.method = std::string(message.method_string());
  request.keep_alive = message.keep_alive();
  for (const auto& field : message) {
    auto& value = request.headers[lower({field.name_string().data(), field.name_string().size()})];
    if (!value.empty()) value += ", ";
    value.append(field.value().data(), field.value().size());
  }
  if (!take_target({message.target().data(), message.target().size()}, request)) request.path.clear();
  request.body = std::move(message.body());
  start();
  work();
  return request;
}

}  // namespace postern::admin
