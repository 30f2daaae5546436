#include "ssh_channel.hpp"

#include "ssh_connect.hpp"
#include "ssh_words.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace toolkit::store {
namespace {

// What is fast comes first: AES-GCM takes one pass and the processor's own instructions.
constexpr const char* kCiphers =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,"
    "aes192-ctr,aes128-ctr";
// What libssh encrypts before it is asked again: more of it would wait inside.
constexpr std::size_t kWriteSize = 256 << 10;

struct FreeText {
  void operator()(char* text) const { ::ssh_string_free_char(text); }
};
using Text = std::unique_ptr<char, FreeText>;

std::string take_text(char* text) { return text == nullptr ? std::string() : Text(text).get(); }

std::string option(ssh_session session, ssh_options_e which) {
  char* value = nullptr;
  return ::ssh_options_get(session, which, &value) == SSH_OK ? take_text(value) : std::string();
}

// Called for a key with a passphrase: nobody is there to be asked, and libssh would ask on the
// terminal without this.
int refuse_passphrase(const char* /*prompt*/, char* /*buffer*/, std::size_t /*length*/,
                      int /*echo*/, int /*verify*/, void* needed) {
  *static_cast<bool*>(needed) = true;
  return -1;
}

class SshChannel : public ByteStream {
 public:
  SshChannel(const Location& location, const Settings& settings)
      : location_(location), settings_(settings), session_(::ssh_new()) {}
  SshChannel(const SshChannel&) = delete;
  SshChannel& operator=(const SshChannel&) = delete;
  ~SshChannel() override {
    if (session_ != nullptr) {
      ::ssh_disconnect(session_);  // closes the socket
      ::ssh_free(session_);        // and its channels
    }
  }

  Result<void> open() {
    if (session_ == nullptr) {
      return fail(ErrorKind::internal, "the ssh library cannot begin");
    }
    TRY(configure());
    TRY(connect());
    TRY(judge_host_key());
    TRY(authenticate());
    return start_sftp();
  }

  void collect(std::vector<pollfd>& entries, bool /*has_output*/) const override {
    entries.push_back({::ssh_get_fd(session_), events(), 0});
  }

  Result<std::size_t> read(std::span<char> into) override {
    const int count = ::ssh_channel_read_nonblocking(channel_, into.data(),
                                                     static_cast<std::uint32_t>(into.size()), 0);
    if (count > 0) {
      return static_cast<std::size_t>(count);
    }
    if (count == SSH_EOF || ::ssh_channel_is_eof(channel_) != 0) {
      return fail(ErrorKind::unavailable, peer_ + " closed the connection" + last_words());
    }
    if (count < 0) {
      return lost();
    }
    return 0;
  }

  Result<std::size_t> write(std::string_view bytes) override {
    const std::size_t room = ::ssh_channel_window_size(channel_);
    const std::size_t count = std::min({bytes.size(), room, kWriteSize});
    if (count == 0 || (::ssh_get_status(session_) & SSH_WRITE_PENDING) != 0) {
      return 0;
    }
    const int written =
        ::ssh_channel_write(channel_, bytes.data(), static_cast<std::uint32_t>(count));
    return written < 0 ? Result<std::size_t>(lost()) : static_cast<std::size_t>(written);
  }

 private:
  Result<void> configure() {
    ::ssh_set_blocking(session_, 0);
    const char* const home = settings_.get_env("HOME");
    if (home != nullptr && *home != '\0') {
      ::ssh_options_set(session_, SSH_OPTIONS_SSH_DIR, (std::string(home) + "/.ssh").c_str());
    }
    ::ssh_options_set(session_, SSH_OPTIONS_HOST, location_.host.c_str());
    ::ssh_options_set(session_, SSH_OPTIONS_CIPHERS_C_S, kCiphers);
    ::ssh_options_set(session_, SSH_OPTIONS_CIPHERS_S_C, kCiphers);
    if (::ssh_options_parse_config(session_, nullptr) != 0) {
      return fail(ErrorKind::usage, fmt::format("cannot use the ssh configuration for {}: {}",
                                                location_.host, ::ssh_get_error(session_)));
    }
    const int quiet = SSH_LOG_NOLOG;
    ::ssh_options_set(session_, SSH_OPTIONS_LOG_VERBOSITY, &quiet);
    const unsigned port = location_.port.value_or(0);
    if (port != 0) {
      ::ssh_options_set(session_, SSH_OPTIONS_PORT, &port);
    }
    if (!location_.user.empty()) {
      ::ssh_options_set(session_, SSH_OPTIONS_USER, location_.user.c_str());
    } else if (option(session_, SSH_OPTIONS_USER).empty() &&
               ::ssh_options_set(session_, SSH_OPTIONS_USER, nullptr) != SSH_OK) {
      return fail(ErrorKind::usage, "no user name for " + location_.host,
                  "this uid has no entry in /etc/passwd: write USER@" + location_.host);
    }
    host_ = option(session_, SSH_OPTIONS_HOST);
    peer_ = option(session_, SSH_OPTIONS_USER) + "@" + host_;
    return {};
  }

  Result<void> connect() {
    unsigned port = 22;
    ::ssh_options_get_port(session_, &port);
    const net::Endpoint endpoint{host_, static_cast<std::uint16_t>(port)};
    const std::string proxy = option(session_, SSH_OPTIONS_PROXYCOMMAND);
    UniqueFd socket;
    if (proxy.empty()) {
      TRY_ASSIGN(socket, connect_to(endpoint, settings_.silence, settings_.stop_fd));
    } else {
      const auto user = option(session_, SSH_OPTIONS_USER);
      const auto command = expand_proxy_command(proxy, host_, endpoint.port, user);
      const char* const path = settings_.get_env("PATH");
      TRY_ASSIGN(auto child,
                 SshChild::start({"/bin/sh", "-c", command}, path == nullptr ? "" : path));
      socket = std::move(child.socket);
      proxy_.emplace(std::move(child));
      ::ssh_options_set(session_, SSH_OPTIONS_PROXYCOMMAND, "none");
    }
    const int fd = socket.release();
    ::ssh_options_set(session_, SSH_OPTIONS_FD, &fd);
    TRY_ASSIGN(const int code, finish(SSH_AGAIN, [this, fd] {
                 const int result = ::ssh_connect(session_);
                 // The library makes it blocking, and would then wait where nobody could stop it.
                 ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
                 return result;
               }));
    return code == SSH_OK ? Result<void>{} : handshake_failed();
  }

  Failure handshake_failed() {
    const std::string_view why = ::ssh_get_error(session_);
    const bool nothing_in_common = why.starts_with("kex error");
    return fail(nothing_in_common ? ErrorKind::failed : ErrorKind::unavailable,
                fmt::format("cannot begin ssh with {}: {}{}", peer_, why, proxy_words()));
  }

  Result<void> judge_host_key() {
    const auto known = ::ssh_session_is_known_server(session_);
    const std::string file = option(session_, SSH_OPTIONS_KNOWNHOSTS);
    if (known == SSH_KNOWN_HOSTS_OK) {
      return {};
    }
    if (known == SSH_KNOWN_HOSTS_CHANGED || known == SSH_KNOWN_HOSTS_OTHER) {
      return Failure(changed_host_key(name_in_known_hosts(), fingerprint(), file));
    }
    if (known == SSH_KNOWN_HOSTS_ERROR) {
      return fail(ErrorKind::denied, fmt::format("cannot check the host key of {} in {}: {}", host_,
                                                 file, ::ssh_get_error(session_)));
    }
    if (!settings_.ssh.accept_new_host_key) {
      return Failure(unknown_host_key(host_, fingerprint(), file, known_hosts_entry()));
    }
    if (::ssh_session_update_known_hosts(session_) != SSH_OK) {
      return fail(
          ErrorKind::denied,
          fmt::format("cannot remember the host key of {}: {}", host_, ::ssh_get_error(session_)),
          "mount a known_hosts file with this line: " + known_hosts_entry());
    }
    return {};
  }

  // As ssh-keygen -R wants it.
  std::string name_in_known_hosts() {
    const std::string entry = known_hosts_entry();
    return entry.substr(0, entry.find(' '));
  }
  std::string known_hosts_entry() {
    char* entry = nullptr;
    ::ssh_session_export_known_hosts_entry(session_, &entry);
    return take_text(entry);
  }

  std::string fingerprint() {
    ssh_key key = nullptr;
    unsigned char* hash = nullptr;
    std::size_t length = 0;
    std::string words;
    if (::ssh_get_server_publickey(session_, &key) == SSH_OK &&
        ::ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == 0) {
      const auto text =
          take_text(::ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length));
      words = fmt::format("{} {}", ::ssh_key_type_to_char(::ssh_key_type(key)), text);
    }
    ::ssh_clean_pubkey_hash(&hash);
    ::ssh_key_free(key);
    return words;
  }

  Result<void> authenticate() {
    TRY_ASSIGN(int code,
               finish(SSH_AUTH_AGAIN, [this] { return ::ssh_userauth_none(session_, nullptr); }));
    KeysTried tried;
    const auto files = key_files();
    const bool file_first = !settings_.ssh.identity.empty();
    for (const bool agent : {!file_first, file_first}) {
      if (code == SSH_AUTH_SUCCESS || code == SSH_AUTH_ERROR) {
        break;
      }
      TRY_ASSIGN(code, agent ? try_agent(tried) : try_files(files, tried));
    }
    if (code == SSH_AUTH_SUCCESS) {
      return {};
    }
    if (code == SSH_AUTH_ERROR && ::ssh_is_connected(session_) == 0) {
      return lost();
    }
    return Failure(no_key_accepted(peer_, tried, methods()));
  }

  // The one of the settings or the configuration, and those that ssh looks for.
  std::vector<std::string> key_files() {
    if (!settings_.ssh.identity.empty()) {
      return {settings_.ssh.identity};
    }
    std::vector<std::string> files;
    // After ssh_connect() the paths are expanded. 0.10 shows only the first.
    const std::string first = option(session_, SSH_OPTIONS_IDENTITY);
    const std::string known_hosts = option(session_, SSH_OPTIONS_KNOWNHOSTS);
    const char* const home = settings_.get_env("HOME");
    const std::string folder = home != nullptr ? std::string(home) + "/.ssh"
                                               : known_hosts.substr(0, known_hosts.rfind('/'));
    for (const std::string& file :
         {first, folder + "/id_ed25519", folder + "/id_ecdsa", folder + "/id_rsa"}) {
      if (std::find(files.begin(), files.end(), file) == files.end() &&
          ::access(file.c_str(), F_OK) == 0) {
        files.push_back(file);
      }
    }
    return files;
  }

  Result<int> try_agent(KeysTried& tried) {
    const char* const socket = settings_.get_env("SSH_AUTH_SOCK");
    tried.has_agent = socket != nullptr && *socket != '\0';
    TRY_ASSIGN(const int code,
               finish(SSH_AUTH_AGAIN, [this] { return ::ssh_userauth_agent(session_, nullptr); }));
    if (tried.has_agent && code != SSH_AUTH_SUCCESS) {
      tried.refused.emplace_back("the agent's keys");
    }
    return code;
  }

  Result<int> try_files(const std::vector<std::string>& files, KeysTried& tried) {
    int code = SSH_AUTH_DENIED;
    for (const std::string& file : files) {
      ssh_key key = nullptr;
      bool encrypted = false;
      if (::ssh_pki_import_privkey_file(file.c_str(), nullptr, refuse_passphrase, &encrypted,
                                        &key) != SSH_OK) {
        (encrypted ? tried.encrypted : tried.unreadable)
            .push_back(encrypted ? file : file + " (cannot be read as a private key)");
        continue;
      }
      auto done = finish(SSH_AUTH_AGAIN,
                         [this, key] { return ::ssh_userauth_publickey(session_, nullptr, key); });
      ::ssh_key_free(key);
      TRY_ASSIGN(code, std::move(done));
      if (code == SSH_AUTH_SUCCESS || code == SSH_AUTH_ERROR) {
        return code;
      }
      tried.refused.push_back(file);
    }
    return code;
  }

  std::string methods() {
    const int set = ::ssh_userauth_list(session_, nullptr);
    std::string words;
    for (const auto& [bit, name] : {std::pair{SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
                                    std::pair{SSH_AUTH_METHOD_PASSWORD, "password"},
                                    std::pair{SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
                                    std::pair{SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi"}}) {
      if ((static_cast<unsigned>(set) & bit) != 0) {
        words += (words.empty() ? "" : ", ") + std::string(name);
      }
    }
    return words;
  }

  Result<void> start_sftp() {
    channel_ = ::ssh_channel_new(session_);
    if (channel_ == nullptr) {
      return lost();
    }
    TRY_ASSIGN(int code,
               finish(SSH_AGAIN, [this] { return ::ssh_channel_open_session(channel_); }));
    if (code == SSH_OK) {
      TRY_ASSIGN(code, finish(SSH_AGAIN, [this] { return ::ssh_channel_request_sftp(channel_); }));
    }
    if (code != SSH_OK && ::ssh_is_connected(session_) != 0) {
      return fail(ErrorKind::failed,
                  fmt::format("{} does not offer sftp: {}", peer_, ::ssh_get_error(session_)),
                  "its sshd_config needs a line: Subsystem sftp internal-sftp");
    }
    return code == SSH_OK ? Result<void>{} : Result<void>(lost());
  }

  // Calls `step` until it no longer answers `again`.
  template <typename Step>
  Result<int> finish(int again, Step step) {
    while (true) {
      const int code = step();
      if (code != again) {
        return code;
      }
      TRY(wait_for(::ssh_get_fd(session_), events(), peer_, settings_.silence, settings_.stop_fd));
    }
  }

  [[nodiscard]] short events() const {
    const bool pending = (::ssh_get_status(session_) & SSH_WRITE_PENDING) != 0;
    return static_cast<short>(pending ? POLLIN | POLLOUT : POLLIN);
  }

  Failure lost() {
    return fail(ErrorKind::unavailable,
                fmt::format("the connection to {} is lost: {}", peer_, ::ssh_get_error(session_)));
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
  const Settings settings_;
  ssh_session session_;
  ssh_channel channel_ = nullptr;
  std::optional<SshChild> proxy_;
  std::string host_, peer_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_ssh_channel(const Location& location,
                                                     const Settings& settings) {
  static const int ready = ::ssh_init();
  if (ready != SSH_OK) {
    return fail(ErrorKind::internal, "the ssh library cannot begin");
  }
  auto channel = std::make_unique<SshChannel>(location, settings);
  TRY(channel->open());
  return channel;
}

}  // namespace toolkit::store
