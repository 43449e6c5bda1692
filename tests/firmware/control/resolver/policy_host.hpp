// A real nginx on loopback that serves MTA-STS policies in all the ways that are wrong, and one that is
// right.
#pragma once

#include <string>
#include <vector>

#include "tests/firmware/control/resolver/name_server.hpp"

namespace postern::resolver::test {

struct PolicyFile {
  enum class Certificate : std::uint8_t {
    good,
    wrong_name,
    expired,
    self_signed
  } certificate = Certificate::good;
  std::string domain;    // served at "mta-sts." in front of it
  std::string location;  // what nginx does for the file; "{text}" stands for the usual policy
};

class PolicyHost {
 public:
  explicit PolicyHost(const std::vector<PolicyFile>& files);
  std::uint16_t port() const { return port_; }
  std::string anchors() const { return directory_.path() + "/ca.pem"; }
  void end() { child_.end(); }
  void start();

 private:
  void make_certificate(const PolicyFile& file);

  Directory directory_;
  std::uint16_t port_;
  Child child_;
};

}  // namespace postern::resolver::test
