// A real nsd on loopback: see the header.
#include "tests/firmware/control/resolver/name_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace postern::resolver::test {

namespace {

constexpr const char* kSoa =
    "@ 300 IN SOA ns.test. hostmaster.test. 1 3600 600 86400 60\n@ 300 IN NS ns.test.\n";

std::string zone_head(const std::string& name) {
  return "$ORIGIN " + name + ".\n$TTL 300\n" + kSoa;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Directory::Directory() {
  char path[] = "/tmp/postern-resolver-XXXXXX";
  if (::mkdtemp(path) == nullptr) throw std::runtime_error("no directory");
  path_ = path;
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Directory::write(const std::string& name, const std::string& content) const {
  std::ofstream(path_ + "/" + name) << content;
}

int shell(const std::string& directory, const std::string& command) {
  const auto whole = "cd " + directory + " && (" + command + ") >>shell.log 2>&1";
  return std::system(whole.c_str());
}

Child::Child(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execvp(pointers[0], pointers.data());
  ::_exit(127);
}

void Child::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGCONT);
  ::kill(pid_, SIGTERM);
  for (int i = 0; i < 300; ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = 0;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::uint16_t free_port() {
  for (int tries = 0; tries < 100; ++tries) {
    const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    bool good = ::bind(tcp, reinterpret_cast<sockaddr*>(&address), size) == 0;
    ::getsockname(tcp, reinterpret_cast<sockaddr*>(&address), &size);
    good = good && ::bind(udp, reinterpret_cast<sockaddr*>(&address), size) == 0;
    ::close(udp);
    ::close(tcp);
    if (good) return ntohs(address.sin_port);
  }
  throw std::runtime_error("no port");
}

Silence::Silence(int kind) : socket_(::socket(AF_INET, kind | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("no port");
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  if (kind == SOCK_STREAM) ::listen(socket_, 8);
}

Silence::~Silence() {
  ::close(socket_);
}

bool answers(std::uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool up = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return up;
}

NameServer::NameServer(const std::vector<Zone>& zones) : port_(free_port()) {
  for (const auto& zone : zones) make(zone);
  make_parent(zones);
  std::string config =
      "server:\n  ip-address: 127.0.0.1\n  port: " + std::to_string(port_) +
      "\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"" + directory_.path() +
      "\"\n  database: \"\"\n  pidfile: \"" + directory_.path() +
      "/nsd.pid\"\n  xfrdfile: \"\"\n  zonelistfile: \"" + directory_.path() +
      "/zone.list\"\n  server-count: 1\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no\n";
  for (const auto& zone : zones) {
    if (zone.kind == Zone::Kind::elsewhere) continue;
    const bool plain = zone.kind == Zone::Kind::insecure || zone.kind == Zone::Kind::missing;
    config += "zone:\n  name: " + zone.name + "\n  zonefile: " + zone.name + (plain ? "" : ".signed") + "\n";
  }
  config += "zone:\n  name: test\n  zonefile: test.signed\n";
  directory_.write("nsd.conf", config);
  start();
}

void NameServer::make(const Zone& zone) {
  if (zone.kind == Zone::Kind::missing || zone.kind == Zone::Kind::elsewhere) return;
  directory_.write(zone.name, zone_head(zone.name) + zone.records);
  if (zone.kind == Zone::Kind::insecure) return;
  sign(zone);
}

void NameServer::sign(const Zone& zone) {
  const auto keygen = "ldns-keygen -a " + zone.algorithm + " ";
  std::string command = "k=$(" + keygen + "-k " + zone.name + ") && z=$(" + keygen + zone.name +
                        ") && cp $k.ds " + zone.name + ".parent-ds && cp $k.key " + zone.name + ".anchor";
  std::string keys = "$k $z";
  for (int i = 0; i < zone.extra_keys; ++i) {
    command += " && x" + std::to_string(i) + "=$(" + keygen + zone.name + ")";
    keys += " $x" + std::to_string(i);
  }
  if (zone.kind == Zone::Kind::stranger)
    command += " && o=$(" + keygen + "-k " + zone.name + ") && cp $o.ds " + zone.name + ".parent-ds";
  const bool past = zone.kind == Zone::Kind::expired;
  command += std::string(" && ldns-signzone -i ") +
             (past ? "20200101000000 -e 20200201000000" : "20200101000000 -e 20400101000000") + " -f " +
             zone.name + ".signed " + zone.name + " " + keys;
  if (zone.kind == Zone::Kind::bogus)  // what was signed as 10 is served as 66
    command += " && sed -i 's/MX\\t10 /MX\\t66 /; s/3 1 1 aa/3 1 1 bb/' " + zone.name + ".signed";
  if (shell(directory_.path(), command) != 0)
    throw std::runtime_error("cannot sign " + zone.name + ": " + text_of(directory_.path() + "/shell.log"));
}

void NameServer::make_parent(const std::vector<Zone>& zones) {
  std::string records = "ns IN A 127.0.0.1\n";
  for (const auto& zone : zones) {
    const auto label = zone.name.substr(0, zone.name.size() - 5);
    records += label + " IN NS ns.test.\n";
    records += text_of(directory_.path() + "/" + zone.name + ".parent-ds");
  }
  directory_.write("test", zone_head("test") + records);
  sign({.kind = Zone::Kind::secure, .name = "test", .records = {}});
}

void NameServer::start() {
  child_ = Child({"nsd", "-d", "-c", directory_.path() + "/nsd.conf"}, directory_.path() + "/nsd.log");
  for (int i = 0; i < 500; ++i) {
    if (answers(port_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("nsd does not start: " + text_of(directory_.path() + "/nsd.log"));
}

}  // namespace postern::resolver::test
