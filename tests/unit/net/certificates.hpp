#pragma once
// An authority and certificates of its making, by the openssl program, in a directory of the test.

#include <doctest/doctest.h>
#include <tests/support/process.hpp>

#include <string>

namespace toolkit::support {

class Certificates {
 public:
  /// Has an authority; is_available() is false where there is no openssl program.
  Certificates() {
    available_ = run_program({"openssl", "version"}).exit_code == 0;
    if (available_) {
      make({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test CA",
            "-keyout", dir_ / "ca.key", "-out", ca()});
    }
  }

  [[nodiscard]] bool is_available() const { return available_; }
  [[nodiscard]] std::string ca() const { return dir_ / "ca.pem"; }
  [[nodiscard]] const TempDir& directory() const { return dir_; }

  /// NAME.pem and NAME.key: for `hosts` ("DNS:db,IP:127.0.0.1"), valid for `days` from now; 0 has
  /// ended. Without `trusted` it is signed by itself.
  void issue(const std::string& name, const std::string& hosts, int days, bool trusted = true) {
    const std::string key = dir_ / (name + ".key"), request = dir_ / (name + ".csr");
    const std::string extensions = dir_.write(name + ".ext", "subjectAltName=" + hosts + "\n");
    make({"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", key, "-out",
          request});
    std::vector<std::string> words = {"x509",     "-req",
                                      "-in",      request,
                                      "-days",    std::to_string(days),
                                      "-extfile", extensions,
                                      "-out",     dir_ / (name + ".pem")};
    if (trusted) {
      make(words +
           std::vector<std::string>{"-CA", ca(), "-CAkey", dir_ / "ca.key", "-CAcreateserial"});
    } else {
      make(words + std::vector<std::string>{"-signkey", key});
    }
  }

 private:
  static void make(std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    const Outcome outcome = run_program(words);
    REQUIRE_MESSAGE(outcome.exit_code == 0, outcome.err);
  }
  TempDir dir_;
  bool available_ = false;
};

}  // namespace toolkit::support
