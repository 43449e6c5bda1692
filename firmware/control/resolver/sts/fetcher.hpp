// Who fetches a file by HTTPS. The lookups know only this; behind it is the client, or a test's script.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "firmware/wire/address.hpp"

namespace postern::resolver {

struct FetchRequest {
  std::string host;  // SNI, Host, and the name the certificate must bear
  std::string path;
  std::vector<wire::IpAddress> addresses;  // tried one after the other
};

struct Fetched {
  enum class Kind : std::uint8_t { ok, failed, certificate } kind = Kind::failed;
  std::string body;
  std::string why;  // of failures; one line
};

class Fetcher {
 public:
  using Done = std::function<void(Fetched)>;

  virtual ~Fetcher() = default;
  // `done` is called once, later, never from inside fetch(), on the same thread; not at all where the fetcher
  // is destroyed before.
  virtual void fetch(FetchRequest request, Done done) = 0;
};

}  // namespace postern::resolver
