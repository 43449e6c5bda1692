// The pages: see the header.
#include "firmware/control/admin/server/files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "firmware/control/admin/people/secrets.hpp"
#include "firmware/control/reporter/report/gzip.hpp"

namespace postern::admin {

namespace {

namespace fs = std::filesystem;

constexpr auto kTypes = std::to_array<std::pair<std::string_view, std::string_view>>({
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
});

constexpr std::string_view kNoPages =
    "<!doctype html><html lang=\"en\"><title>Postern</title><h1>Postern</h1><p>The pages are not installed. "
    "The "
    "API is here: <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>\n";

}  // namespace

std::string type_of(const std::string& path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return std::string(type);
  }
  return "application/octet-stream";
}

bool has_hash(const std::string& path) {
  const auto end = path.rfind('.');
  if (end == std::string::npos) return false;
  const auto begin = path.find_last_of(".-/", end - 1);
  if (begin == std::string::npos || path[begin] == '/' || end - begin < 9) return false;
  return std::all_of(path.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                     path.begin() + static_cast<std::ptrdiff_t>(end),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

Files::Files(const std::string& directory) {
  std::error_code failed;
  std::size_t bytes = 0;
  for (fs::recursive_directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (!at->is_regular_file()) continue;
    std::ifstream file(at->path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    bytes += content.size();
    if (bytes > kMostBytes) break;
    add("/" + fs::relative(at->path(), directory).generic_string(), std::move(content));
  }
  if (!files_.contains("/index.html")) add("/index.html", std::string(kNoPages));
}

void Files::add(const std::string& path, std::string content) {
  File file;
  file.type = type_of(path);
  file.immutable = has_hash(path);
  file.etag = "\"" + hash_of(content).substr(0, 24) + "\"";
  const bool text = file.type.starts_with("text/") || file.type.find("json") != std::string::npos ||
                    file.type.find("svg") != std::string::npos;
  if (text && content.size() > 512)
    file.packed = std::make_shared<const std::string>(reporter::gzip(content));
  file.plain = std::make_shared<const std::string>(std::move(content));
  files_[path] = std::move(file);
}

Response Files::get(const Request& request) const {
  Response response;
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "pages can only be read\n";
    return response;
  }
  auto at = files_.find(request.path);
  // The pages find their way themselves: every path that names no file is theirs.
  const bool names_file = request.path.find('.', request.path.rfind('/')) != std::string::npos;
  if (at == files_.end() && !names_file) at = files_.find("/index.html");
  if (at == files_.end()) {
    response.status = 404;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "there is no such page\n";
    return response;
  }
  const auto& file = at->second;
  response.content_type = file.type;
  response.cacheable = true;
  response.headers.emplace_back("ETag", file.etag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("Cache-Control",
                                file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (request.header("if-none-match").find(file.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  const bool packed = file.packed && request.header("accept-encoding").find("gzip") != std::string_view::npos;
  if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.shared = packed ? file.packed : file.plain;
  return response;
}

}  // namespace postern::admin
