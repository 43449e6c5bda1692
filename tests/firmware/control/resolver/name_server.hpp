// A real nsd on loopback with zones signed by the test. Ended with the object.
//
// Everything lies under "test.", which is the trust anchor: the zones below it are signed and delegated as
// the test says.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace postern::resolver::test {

// A directory that goes with the object.
class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

// Runs a shell command in `directory`; its status.
int shell(const std::string& directory, const std::string& command);
// A process of ours; killed and waited for with the object.
class Child {
 public:
  Child() = default;
  explicit Child(const std::vector<std::string>& arguments, const std::string& log = "/dev/null");
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child() { end(); }
  pid_t pid() const { return pid_; }
  void end();

 private:
  pid_t pid_ = 0;
};

// A port of loopback that nobody uses now, for UDP and TCP.
std::uint16_t free_port();
// Somebody takes connections there.
bool answers(std::uint16_t port);

// A port that takes datagrams or connections and says nothing.
class Silence {
 public:
  explicit Silence(int kind = SOCK_DGRAM);
  ~Silence();
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  std::string address() const { return "127.0.0.1@" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

struct Zone {
  enum class Kind : std::uint8_t {
    secure,
    insecure,  // unsigned, no DS
    bogus,     // signed, then altered
    expired,   // signed for the past
    stranger,  // signed with keys that the parent's DS does not name
    missing,   // in the server's list, but not there: SERVFAIL
    elsewhere  // delegated without DS; another server has it
  } kind = Kind::secure;
  std::string name;     // "good.test"
  std::string records;  // as in a zone file, relative to the name
  std::string algorithm = "ECDSAP256SHA256";
  int extra_keys = 0;  // to make the DNSKEY set large
};

class NameServer {
 public:
  explicit NameServer(const std::vector<Zone>& zones);
  std::uint16_t port() const { return port_; }
  // "127.0.0.1@5353", as the library wants it.
  std::string address() const { return "127.0.0.1@" + std::to_string(port_); }
  std::string anchor() const { return directory_.path() + "/test.anchor"; }
  const Directory& directory() const { return directory_; }
  void end() { child_.end(); }
  void start();

 private:
  void make(const Zone& zone);
  void sign(const Zone& zone);
  void make_parent(const std::vector<Zone>& zones);

  Directory directory_;
  std::uint16_t port_;
  Child child_;
};

}  // namespace postern::resolver::test
