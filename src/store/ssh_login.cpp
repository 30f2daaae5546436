#include "ssh_login.hpp"

#include "ssh_connect.hpp"
#include "ssh_words.hpp"

#include <fmt/core.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace toolkit::store {
namespace {

struct FreeText {
  void operator()(char* text) const { ::ssh_string_free_char(text); }
};
using Text = std::unique_ptr<char, FreeText>;

std::string take_text(char* text) { return text == nullptr ? std::string() : Text(text).get(); }

// Called for a key with a passphrase: nobody is there to be asked, and libssh would ask on the
// terminal without this.
int refuse_passphrase(const char* /*prompt*/, char* /*buffer*/, std::size_t /*length*/,
                      int /*echo*/, int /*verify*/, void* needed) {
  *static_cast<bool*>(needed) = true;
  return -1;
}

std::string known_hosts_entry(const SshTalk& talk) {
  char* entry = nullptr;
  ::ssh_session_export_known_hosts_entry(talk.session, &entry);
  return take_text(entry);
}

// As ssh-keygen -R wants it.
std::string name_in_known_hosts(const SshTalk& talk) {
  const std::string entry = known_hosts_entry(talk);
  return entry.substr(0, entry.find(' '));
}

std::string fingerprint(const SshTalk& talk) {
  ssh_key key = nullptr;
  unsigned char* hash = nullptr;
  std::size_t length = 0;
  std::string words;
  if (::ssh_get_server_publickey(talk.session, &key) == SSH_OK &&
      ::ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == 0) {
    const auto text =
        take_text(::ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length));
    words = fmt::format("{} {}", ::ssh_key_type_to_char(::ssh_key_type(key)), text);
  }
  ::ssh_clean_pubkey_hash(&hash);
  ::ssh_key_free(key);
  return words;
}

// The one of the settings or the configuration, and those that ssh looks for.
std::vector<std::string> key_files(const SshTalk& talk) {
  if (!talk.settings.ssh.identity.empty()) {
    return {talk.settings.ssh.identity};
  }
  std::vector<std::string> files;
  // After ssh_connect() the paths are expanded. 0.10 shows only the first.
  const std::string first = talk.option(SSH_OPTIONS_IDENTITY);
  const std::string known_hosts = talk.option(SSH_OPTIONS_KNOWNHOSTS);
  const char* const home = talk.settings.get_env("HOME");
  const std::string folder =
      home != nullptr ? std::string(home) + "/.ssh" : known_hosts.substr(0, known_hosts.rfind('/'));
  for (const std::string& file :
       {first, folder + "/id_ed25519", folder + "/id_ecdsa", folder + "/id_rsa"}) {
    if (std::find(files.begin(), files.end(), file) == files.end() &&
        ::access(file.c_str(), F_OK) == 0) {
      files.push_back(file);
    }
  }
  return files;
}

Result<int> try_agent(const SshTalk& talk, KeysTried& tried) {
  const char* const socket = talk.settings.get_env("SSH_AUTH_SOCK");
  tried.has_agent = socket != nullptr && *socket != '\0';
  TRY_ASSIGN(const int code, talk.finish(SSH_AUTH_AGAIN, [&talk] {
    return ::ssh_userauth_agent(talk.session, nullptr);
  }));
  if (tried.has_agent && code != SSH_AUTH_SUCCESS) {
    tried.refused.emplace_back("the agent's keys");
  }
  return code;
}

Result<int> try_files(const SshTalk& talk, const std::vector<std::string>& files,
                      KeysTried& tried) {
  int code = SSH_AUTH_DENIED;
  for (const std::string& file : files) {
    ssh_key key = nullptr;
    bool encrypted = false;
    if (::ssh_pki_import_privkey_file(file.c_str(), nullptr, refuse_passphrase, &encrypted, &key) !=
        SSH_OK) {
      (encrypted ? tried.encrypted : tried.unreadable)
          .push_back(encrypted ? file : file + " (cannot be read as a private key)");
      continue;
    }
    auto done = talk.finish(SSH_AUTH_AGAIN, [&talk, key] {
      return ::ssh_userauth_publickey(talk.session, nullptr, key);
    });
    ::ssh_key_free(key);
    TRY_ASSIGN(code, std::move(done));
    if (code == SSH_AUTH_SUCCESS || code == SSH_AUTH_ERROR) {
      return code;
    }
    tried.refused.push_back(file);
  }
  return code;
}

std::string methods(const SshTalk& talk) {
  const int set = ::ssh_userauth_list(talk.session, nullptr);
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

}  // namespace

Result<int> SshTalk::finish(int again, const std::function<int()>& step) const {
  while (true) {
    const int code = step();
    if (code != again) {
      return code;
    }
    TRY(wait_for(::ssh_get_fd(session), events(), peer, settings.silence, settings.stop_fd));
  }
}

short SshTalk::events() const {
  const bool pending = (::ssh_get_status(session) & SSH_WRITE_PENDING) != 0;
  return static_cast<short>(pending ? POLLIN | POLLOUT : POLLIN);
}

Failure SshTalk::lost() const {
  return fail(ErrorKind::unavailable,
              fmt::format("the connection to {} is lost: {}", peer, ::ssh_get_error(session)));
}

std::string SshTalk::option(int which) const {
  char* value = nullptr;
  const auto name = static_cast<ssh_options_e>(which);
  return ::ssh_options_get(session, name, &value) == SSH_OK ? take_text(value) : std::string();
}

Result<void> judge_host_key(const SshTalk& talk) {
  const auto known = ::ssh_session_is_known_server(talk.session);
  const std::string file = talk.option(SSH_OPTIONS_KNOWNHOSTS);
  if (known == SSH_KNOWN_HOSTS_OK) {
    return {};
  }
  if (known == SSH_KNOWN_HOSTS_CHANGED || known == SSH_KNOWN_HOSTS_OTHER) {
    return Failure(changed_host_key(name_in_known_hosts(talk), fingerprint(talk), file));
  }
  if (known == SSH_KNOWN_HOSTS_ERROR) {
    return fail(ErrorKind::denied, fmt::format("cannot check the host key of {} in {}: {}",
                                               talk.host, file, ::ssh_get_error(talk.session)));
  }
  if (!talk.settings.ssh.accept_new_host_key) {
    return Failure(unknown_host_key(talk.host, fingerprint(talk), file, known_hosts_entry(talk)));
  }
  if (::ssh_session_update_known_hosts(talk.session) != SSH_OK) {
    return fail(ErrorKind::denied,
                fmt::format("cannot remember the host key of {}: {}", talk.host,
                            ::ssh_get_error(talk.session)),
                "mount a known_hosts file with this line: " + known_hosts_entry(talk));
  }
  return {};
}

Result<void> authenticate(const SshTalk& talk) {
  int code = SSH_AUTH_DENIED;
  KeysTried tried;
  const auto files = key_files(talk);
  const bool file_first = !talk.settings.ssh.identity.empty();
  for (const bool agent : {!file_first, file_first}) {
    if (code == SSH_AUTH_SUCCESS || code == SSH_AUTH_ERROR) {
      break;
    }
    TRY_ASSIGN(code, agent ? try_agent(talk, tried) : try_files(talk, files, tried));
  }
  if (code != SSH_AUTH_SUCCESS && code != SSH_AUTH_ERROR) {
    // Few servers let everybody in, and keys are asked for first; the others say what they want.
    TRY_ASSIGN(code, talk.finish(SSH_AUTH_AGAIN,
                                 [&talk] { return ::ssh_userauth_none(talk.session, nullptr); }));
  }
  if (code == SSH_AUTH_SUCCESS) {
    return {};
  }
  if (code == SSH_AUTH_ERROR && ::ssh_is_connected(talk.session) == 0) {
    return talk.lost();
  }
  return Failure(no_key_accepted(talk.peer, tried, methods(talk)));
}

}  // namespace toolkit::store
