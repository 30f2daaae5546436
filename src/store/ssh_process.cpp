#include "ssh_process.hpp"

#include "ssh_child.hpp"
#include "ssh_words.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::store {
namespace {

// How long the words of a client that has closed its end are waited for.
constexpr int kLastWordsMilliseconds = 200;

class SshProcess : public ByteStream {
 public:
  SshProcess(SshChild child, std::string peer) : child_(std::move(child)), peer_(std::move(peer)) {}

  void collect(std::vector<pollfd>& entries, bool has_output) const override {
    const int wanted = has_output ? POLLIN | POLLOUT : POLLIN;
    entries.push_back({child_.socket.get(), static_cast<short>(wanted), 0});
    if (child_.errors) {
      entries.push_back({child_.errors.get(), POLLIN, 0});
    }
  }

  Result<std::size_t> read(std::span<char> into) override {
    collect_words();
    const ssize_t count = ::recv(child_.socket.get(), into.data(), into.size(), 0);
    if (count > 0) {
      return static_cast<std::size_t>(count);
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      return 0;
    }
    return ended();
  }

  Result<std::size_t> write(std::string_view bytes) override {
    const ssize_t count = ::send(child_.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    return errno == EAGAIN || errno == EINTR ? Result<std::size_t>(0) : ended();
  }

 private:
  void collect_words() {
    char bytes[1024];
    while (child_.errors) {
      const ssize_t count = ::read(child_.errors.get(), bytes, sizeof bytes);
      if (count > 0) {
        words_.append(bytes, static_cast<std::size_t>(count));
        words_.erase(0, words_.size() - std::min<std::size_t>(words_.size(), sizeof bytes));
      } else if (count == 0 || errno != EINTR) {
        if (count == 0 || errno != EAGAIN) {
          child_.errors.close();
        }
        return;
      }
    }
  }

  Failure ended() {
    pollfd entry{child_.errors.get(), POLLIN, 0};
    while (child_.errors && ::poll(&entry, 1, kLastWordsMilliseconds) > 0) {
      collect_words();
    }
    const std::string last = last_line(words_);
    return fail(kind_of_ssh_words(words_), last.empty()
                                               ? "the ssh client of " + peer_ + " has ended"
                                               : "the ssh client of " + peer_ + " says: " + last);
  }

  SshChild child_;
  const std::string peer_;
  std::string words_;  // the last of its stderr
};

bool is_openssh(const std::string& program) {
  return program.substr(program.rfind('/') + 1) == "ssh";
}

}  // namespace

Result<std::vector<std::string>> sftp_command(const Location& location,
                                              const SshSettings& settings) {
  TRY_ASSIGN(std::vector<std::string> words, split_command(settings.command));
  const auto add = [&words](std::initializer_list<std::string> more) {
    words.insert(words.end(), more);
  };
  if (is_openssh(words[0])) {
    add({"-o", "BatchMode=yes"});
    if (settings.accept_new_host_key) {
      add({"-o", "StrictHostKeyChecking=accept-new"});
    }
  }
  if (!settings.identity.empty()) {
    add({"-i", settings.identity});
  }
  if (!location.user.empty()) {
    add({"-l", location.user});
  }
  if (location.port) {
    add({"-p", std::to_string(*location.port)});
  }
  add({"-s", "--", location.host, "sftp"});
  return words;
}

Result<std::unique_ptr<ByteStream>> open_ssh_process(const Location& location,
                                                     const Settings& settings) {
  TRY_ASSIGN(const auto command, sftp_command(location, settings.ssh));
  const char* const path = settings.get_env("PATH");
  TRY_ASSIGN(auto child, SshChild::start(command, path == nullptr ? "" : path));
  return std::make_unique<SshProcess>(std::move(child), location.host);
}

}  // namespace toolkit::store
