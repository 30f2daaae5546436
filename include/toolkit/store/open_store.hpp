#pragma once
// A Store for a Location. A kind of place is one line of src/store/open_store.cpp.

#include <toolkit/store/location.hpp>
#include <toolkit/store/store.hpp>

namespace toolkit::store {

struct SshSettings {
  std::string command;   // -e/--rsh: "ssh -i key"; empty: the ssh client that is built in
  std::string identity;  // a private key file; empty: the usual ones, and the agent
  bool accept_new_host_key = false;
};

struct S3Settings {
  std::string endpoint;  // http(s)://host[:port]; empty: AWS_ENDPOINT_URL_S3, …, Amazon's
  std::string profile;
  std::string region;
  std::string ca_file;
};

struct Settings {
  SshSettings ssh;
  S3Settings s3;
  Milliseconds silence{30'000};  // a peer that says nothing for so long is unavailable
  int stop_fd = -1;              // readable: every call comes back at once with `interrupted`
  const char* (*get_env)(const char*) = nullptr;  // null for unset; must be given
};

/// Local: the directory need not be there. Remote: connects when first used.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const Location& location,
                                                        const Settings& settings);

}  // namespace toolkit::store
