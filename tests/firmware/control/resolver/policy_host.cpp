// A real nginx with policies: see the header.
#include "tests/firmware/control/resolver/policy_host.hpp"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace postern::resolver::test {

PolicyHost::PolicyHost(const std::vector<PolicyFile>& files) : port_(free_port()) {
  const int made = shell(directory_.path(),
                         "openssl ecparam -name prime256v1 -genkey -noout -out ca.key &&"
                         " openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 3650 -out ca.pem"
                         " -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign");
  if (made != 0) throw std::runtime_error("no certificate authority");
  const auto& at = directory_.path();
  std::string config = "daemon off;\nmaster_process off;\nerror_log " + at + "/error.log;\npid " + at +
                       "/nginx.pid;\nevents {}\nhttp {\naccess_log off;\nclient_body_temp_path " + at +
                       "/b;\nproxy_temp_path " + at + "/p;\nfastcgi_temp_path " + at +
                       "/f;\nuwsgi_temp_path " + at + "/u;\nscgi_temp_path " + at + "/s;\n";
  for (const auto& file : files) {
    make_certificate(file);
    config += "server {\nlisten 127.0.0.1:" + std::to_string(port_) + " ssl;\nserver_name mta-sts." +
              file.domain + ";\nssl_certificate " + at + "/" + file.domain + ".pem;\nssl_certificate_key " +
              at + "/" + file.domain + ".key;\nroot " + at + ";\nlocation = /.well-known/mta-sts.txt {\n" +
              file.location + "\n}\n}\n";
  }
  directory_.write("nginx.conf", config + "}\n");
  directory_.write("big.txt", "version: STSv1\n" + std::string(70000, 'x'));
  start();
}

void PolicyHost::make_certificate(const PolicyFile& file) {
  using Certificate = PolicyFile::Certificate;
  const auto name =
      file.certificate == Certificate::wrong_name ? "www." + file.domain : "mta-sts." + file.domain;
  const std::string days = file.certificate == Certificate::expired ? "-1" : "30";
  const auto& base = file.domain;
  directory_.write(base + ".ext", "subjectAltName=DNS:" + name + "\nbasicConstraints=CA:FALSE\n");
  std::string command = "openssl ecparam -name prime256v1 -genkey -noout -out " + base + ".key && ";
  if (file.certificate == Certificate::self_signed) {
    command += "openssl req -x509 -new -key " + base + ".key -subj /CN=" + name +
               " -days 30 -addext subjectAltName=DNS:" + name + " -out " + base + ".pem";
  } else {
    command += "openssl req -new -key " + base + ".key -subj /CN=" + name + " -out " + base +
               ".csr && openssl x509 -req -in " + base +
               ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days " + days + " -extfile " + base +
               ".ext -out " + base + ".pem";
  }
  if (shell(directory_.path(), command) != 0) throw std::runtime_error("no certificate for " + base);
}

void PolicyHost::start() {
  child_ = Child({"nginx", "-c", directory_.path() + "/nginx.conf", "-p", directory_.path()},
                 directory_.path() + "/nginx.log");
  for (int i = 0; i < 500; ++i) {
    if (answers(port_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("nginx does not start");
}

}  // namespace postern::resolver::test
