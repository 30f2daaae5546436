#include "ssh_channel.hpp"

#include "ssh_connect.hpp"
#include "ssh_login.hpp"
#include "ssh_words.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <libssh/libssh.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>

// Of thirdparty/libssh_start.cpp, which only the release is linked with.
__attribute__((weak)) int let_libssh_begin();

namespace toolkit::store {
namespace {

// What is fast comes first: AES-GCM takes one pass and the processor's own instructions.
constexpr const char* kCiphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,"
    "aes192-ctr,aes128-ctr";
// What libssh encrypts before it is asked again: more of it would wait inside.
constexpr std::size_t kWriteSize = 256 << 10;

class SshChannel : public ByteStream {
 public:
  SshChannel(const Location& location, const Settings& settings)
      : location_(location), talk_{settings, ::ssh_new(), {}, {}} {}
  SshChannel(const SshChannel&) = delete;
  SshChannel& operator=(const SshChannel&) = delete;
  ~SshChannel() override {
    if (talk_.session != nullptr) {
      ::ssh_disconnect(talk_.session);  // closes the socket
      ::ssh_free(talk_.session);        // and its channels
    }
  }

  Result<void> open() {
    if (talk_.session == nullptr) {
      return fail(ErrorKind::internal, "the ssh library cannot begin");
    }
    TRY(configure());
    TRY(connect());
    TRY(judge_host_key(talk_));
    TRY(authenticate(talk_));
    return start_sftp();
  }

  void collect(std::vector<pollfd>& entries, bool /*has_output*/) const override {
    entries.push_back({::ssh_get_fd(talk_.session), talk_.events(), 0});
  }

  Result<std::size_t> read(std::span<char> into) override {
    const int count = ::ssh_channel_read_nonblocking(channel_, into.data(),
                                                     static_cast<std::uint32_t>(into.size()), 0);
    if (count > 0) {
      return static_cast<std::size_t>(count);
    }
    if (count == SSH_EOF || ::ssh_channel_is_eof(channel_) != 0) {
      return fail(ErrorKind::unavailable, talk_.peer + " closed the connection" + last_words());
    }
    if (count < 0) {
      return talk_.lost();
    }
    return 0;
  }

  Result<std::size_t> write(std::string_view bytes) override {
    const std::size_t room = ::ssh_channel_window_size(channel_);
    const std::size_t count = std::min({bytes.size(), room, kWriteSize});
    if (count == 0 || (::ssh_get_status(talk_.session) & SSH_WRITE_PENDING) != 0) {
      return 0;
    }
    const int written =
        ::ssh_channel_write(channel_, bytes.data(), static_cast<std::uint32_t>(count));
    return written < 0 ? Result<std::size_t>(talk_.lost()) : static_cast<std::size_t>(written);
  }

 private:
  Result<void> configure() {
    ::ssh_set_blocking(talk_.session, 0);
    const char* const home = talk_.settings.get_env("HOME");
    if (home != nullptr && *home != '\0') {
      ::ssh_options_set(talk_.session, SSH_OPTIONS_SSH_DIR, (std::string(home) + "/.ssh").c_str());
    }
    ::ssh_options_set(talk_.session, SSH_OPTIONS_HOST, location_.host.c_str());
    ::ssh_options_set(talk_.session, SSH_OPTIONS_CIPHERS_C_S, kCiphers);
    ::ssh_options_set(talk_.session, SSH_OPTIONS_CIPHERS_S_C, kCiphers);
    if (::ssh_options_parse_config(talk_.session, nullptr) != 0) {
      return fail(ErrorKind::usage, fmt::format("cannot use the ssh configuration for {}: {}",
                                                location_.host, ::ssh_get_error(talk_.session)));
    }
    const int quiet = SSH_LOG_NOLOG;
    ::ssh_options_set(talk_.session, SSH_OPTIONS_LOG_VERBOSITY, &quiet);
    const unsigned port = location_.port.value_or(0);
    if (port != 0) {
      ::ssh_options_set(talk_.session, SSH_OPTIONS_PORT, &port);
    }
    if (!location_.user.empty()) {
      ::ssh_options_set(talk_.session, SSH_OPTIONS_USER, location_.user.c_str());
    } else if (talk_.option(SSH_OPTIONS_USER).empty() &&
               ::ssh_options_set(talk_.session, SSH_OPTIONS_USER, nullptr) != SSH_OK) {
      return fail(ErrorKind::usage, "no user name for " + location_.host,
                  "this uid has no entry in /etc/passwd: write USER@" + location_.host);
    }
    talk_.host = talk_.option(SSH_OPTIONS_HOST);
    talk_.peer = talk_.option(SSH_OPTIONS_USER) + "@" + talk_.host;
    return {};
  }

  Result<void> connect() {
    unsigned port = 22;
    ::ssh_options_get_port(talk_.session, &port);
    const net::Endpoint endpoint{talk_.host, static_cast<std::uint16_t>(port)};
    const std::string proxy = talk_.option(SSH_OPTIONS_PROXYCOMMAND);
    UniqueFd socket;
    if (proxy.empty()) {
      TRY_ASSIGN(socket, connect_to(endpoint, talk_.settings.silence, talk_.settings.stop_fd));
    } else {
      const auto user = talk_.option(SSH_OPTIONS_USER);
      const auto command = expand_proxy_command(proxy, talk_.host, endpoint.port, user);
      const char* const path = talk_.settings.get_env("PATH");
      TRY_ASSIGN(auto child,
                 SshChild::start({"/bin/sh", "-c", command}, path == nullptr ? "" : path));
      socket = std::move(child.socket);
      proxy_.emplace(std::move(child));
      ::ssh_options_set(talk_.session, SSH_OPTIONS_PROXYCOMMAND, "none");
    }
    const int fd = socket.release();
    ::ssh_options_set(talk_.session, SSH_OPTIONS_FD, &fd);
    TRY_ASSIGN(const int code, talk_.finish(SSH_AGAIN, [this, fd] {
      const int result = ::ssh_connect(talk_.session);
      // The library makes it blocking, and would then wait where nobody could stop it.
      ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
      return result;
    }));
    return code == SSH_OK ? Result<void>{} : handshake_failed();
  }

  Failure handshake_failed() {
    const std::string_view why = ::ssh_get_error(talk_.session);
    const bool nothing_in_common = why.starts_with("kex error");
    return fail(nothing_in_common ? ErrorKind::failed : ErrorKind::unavailable,
                fmt::format("cannot begin ssh with {}: {}{}", talk_.peer, why, proxy_words()));
  }

  Result<void> start_sftp() {
    channel_ = ::ssh_channel_new(talk_.session);
    if (channel_ == nullptr) {
      return talk_.lost();
    }
    TRY_ASSIGN(int code,
               talk_.finish(SSH_AGAIN, [this] { return ::ssh_channel_open_session(channel_); }));
    if (code == SSH_OK) {
      TRY_ASSIGN(code,
                 talk_.finish(SSH_AGAIN, [this] { return ::ssh_channel_request_sftp(channel_); }));
    }
    if (code != SSH_OK && ::ssh_is_connected(talk_.session) != 0) {
      return fail(
          ErrorKind::failed,
          fmt::format("{} does not offer sftp: {}", talk_.peer, ::ssh_get_error(talk_.session)),
          "its sshd_config needs a line: Subsystem sftp internal-sftp");
    }
    return code == SSH_OK ? Result<void>{} : Result<void>(talk_.lost());
  }

  // Of the server's side of the channel: "exec request failed", a shell that is not there.
  std::string last_words() {
    char words[200];
    const int count = ::ssh_channel_read_nonblocking(channel_, words, sizeof words, 1);
    return count > 0 ? ": " + first_line({words, static_cast<std::size_t>(count)}) : std::string();
  }

  std::string proxy_words() {
    char words[200];
    const ssize_t count = proxy_ ? ::read(proxy_->errors.get(), words, sizeof words) : 0;
    return count > 0 ? "; " + first_line({words, static_cast<std::size_t>(count)}) : std::string();
  }

  const Location location_;
  SshTalk talk_;
  ssh_channel channel_ = nullptr;
  std::optional<SshChild> proxy_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_ssh_channel(const Location& location,
                                                     const Settings& settings) {
  static const int ready = [] {
    // libssh 0.11 has jump hosts of its own, which a socket of ours would pass by without a word:
    // this makes ProxyJump a ProxyCommand again, as in 0.10.
    ::setenv("OPENSSH_PROXYJUMP", "1", 0);
    const int begun = let_libssh_begin != nullptr ? let_libssh_begin() : SSH_OK;
    return begun != SSH_OK ? begun : ::ssh_init();
  }();
  if (ready != SSH_OK) {
    return fail(ErrorKind::internal, "the ssh library cannot begin");
  }
  auto channel = std::make_unique<SshChannel>(location, settings);
  TRY(channel->open());
  return channel;
}

}  // namespace toolkit::store
