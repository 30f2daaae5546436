// Runs a program for which device files are there that are not: opens end with a made-up errno or
// with a memory file, stat(2) shows a character device, and NVIDIA's version question is answered.
// The answers are fakes; the program and all that it starts are as released, need no rights and do
// not notice.
//
//     fakedev [--as UID] [--version V] RULE... -- COMMAND...
//
// RULE is PATH=ok|ERRNO:MAJOR:MINOR or PATH=@REAL, fake_rules.hpp. Ends as COMMAND does, with 77
// where the kernel has no user notification.
#include "fake_rules.hpp"
#include "filter.hpp"
#include "tracee.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace fakedev {
namespace {

struct Options {
  std::vector<Rule> rules;
  std::string version;
  uid_t user = 0;
  char** command = nullptr;
};

bool parse(char** argv, Options& options) {
  for (; *argv != nullptr; ++argv) {
    const std::string_view word(*argv);
    if (word == "--") {
      options.command = argv + 1;
      return argv[1] != nullptr;
    }
    if ((word == "--as" || word == "--version") && argv[1] != nullptr) {
      const bool user = word == "--as";
      ++argv;
      options.user = user ? static_cast<uid_t>(std::atoi(*argv)) : options.user;
      options.version = user ? options.version : *argv;
    } else if (auto rule = parse_rule(word)) {
      options.rules.push_back(std::move(*rule));
    } else {
      std::fprintf(stderr, "fakedev: %s is no rule\n", *argv);
      return false;
    }
  }
  return false;
}

struct stat look_of(const Rule& rule) {
  struct stat status {};
  status.st_mode = S_IFCHR | 0666;
  status.st_nlink = 1;
  status.st_rdev = ::makedev(rule.major, rule.minor);
  return status;
}

class Answers {
 public:
  explicit Answers(const Options& options) : options_(options) {}

  void to(const Call& call) const {
    const int number = call.number();
    if (number == SYS_ioctl) {
      return version(call);
    }
    bool with_directory = true;
#ifdef SYS_open
    with_directory = number != SYS_open && number != SYS_stat && number != SYS_lstat &&
                     number != SYS_access && number != SYS_readlink;
#endif
    const int at = with_directory ? 1 : 0;
    const std::string path = call.text(call.argument(at));
    const Rule* rule = rule_for(options_.rules, path);
    if (rule == nullptr) {
      return call.go_on();
    }
    std::string real;
    if (!rule->real.empty()) {
      real = rule->real + path.substr(rule->path.size());
      struct stat status {};
      if (::lstat(real.c_str(), &status) != 0) {
        return call.go_on();  // the fake has no opinion
      }
    }
    answer(call, at, *rule, real);
  }

 private:
  void answer(const Call& call, int at, const Rule& rule, const std::string& real) const {
    switch (call.number()) {
#ifdef SYS_open
      case SYS_open:
#endif
      case SYS_openat:
        return open(call, static_cast<int>(call.argument(at + 1)), rule, real);
#ifdef SYS_open
      case SYS_stat:
      case SYS_lstat:
#endif
      case SYS_newfstatat:
        return stat(call, call.argument(at + 1), rule, real);
      case SYS_statx:
        return call.fail(ENOSYS);  // nobody whom we test asks by it
#ifdef SYS_open
      case SYS_readlink:
#endif
      case SYS_readlinkat:
        return link(call, at, real);
      default:  // access(2)
        return there(rule, real) ? call.succeed(0) : call.fail(ENOENT);
    }
  }

  static bool there(const Rule& rule, const std::string& real) {
    return real.empty() ? rule.error != ENOENT : ::access(real.c_str(), F_OK) == 0;
  }

  static void open(const Call& call, int flags, const Rule& rule, const std::string& real) {
    if (rule.error != 0) {
      return call.fail(rule.error);
    }
    const int fd = real.empty() ? ::memfd_create(rule.path.c_str(), MFD_CLOEXEC)
                                : ::open(real.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0) {
      return call.fail(errno);
    }
    call.give(fd, (flags & O_CLOEXEC) != 0);
    ::close(fd);
  }

  static void stat(const Call& call, std::uint64_t address, const Rule& rule,
                   const std::string& real) {
    struct stat status = look_of(rule);
    if (!there(rule, real) || (!real.empty() && ::stat(real.c_str(), &status) != 0)) {
      return call.fail(ENOENT);
    }
    call.write(address, &status, sizeof status) ? call.succeed(0) : call.fail(EFAULT);
  }

  static void link(const Call& call, int at, const std::string& real) {
    char target[4096];
    const ssize_t size = real.empty() ? -1 : ::readlink(real.c_str(), target, sizeof target);
    if (size < 0) {
      return call.fail(EINVAL);
    }
    const auto fitting =
        std::min<std::uint64_t>(call.argument(at + 2), static_cast<std::uint64_t>(size));
    call.write(call.argument(at + 1), target, fitting)
        ? call.succeed(static_cast<std::int64_t>(fitting))
        : call.fail(EFAULT);
  }

  // The reply says that the question was understood; the text is the module's version.
  void version(const Call& call) const {
    const std::string link =
        "/proc/" + std::to_string(call.pid()) + "/fd/" + std::to_string(call.argument(0));
    char target[256];
    const ssize_t size = ::readlink(link.c_str(), target, sizeof target);
    const std::string_view file(target, size > 0 ? static_cast<std::size_t>(size) : 0);
    if (!file.starts_with("/memfd:/dev/nvidiactl") || options_.version.empty()) {
      return call.fail(ENOTTY);
    }
    struct {
      std::uint32_t command = '2', reply = 1;
      char version[64] = {};
    } answer;
    options_.version.copy(answer.version, sizeof answer.version - 1);
    call.write(call.argument(2), &answer, sizeof answer) ? call.succeed(0) : call.fail(EFAULT);
  }

  const Options& options_;
};

void send_descriptor(int socket, int fd) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> room{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
  (void)::sendmsg(socket, &message, 0);
}

int receive_descriptor(int socket) {
  char byte = 0;
  iovec data{&byte, 1};
  int fd = -1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> room{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message) != nullptr) {
    std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  }
  return fd;
}

[[noreturn]] void become(const Options& options, int socket) {
  const int listener = install_filter();
  if (listener < 0) {
    std::fprintf(stderr, "fakedev: no user notification here: %s\n", std::strerror(errno));
    ::_exit(77);
  }
  send_descriptor(socket, listener);
  ::close(listener);
  ::close(socket);
  ::execvp(options.command[0], options.command);
  ::_exit(127);
}

// Until nobody is left who has the filter.
void serve(int listener, const Options& options) {
  const Answers answers(options);
  pollfd waiting{listener, POLLIN, 0};
  while (::poll(&waiting, 1, -1) > 0 && (waiting.revents & POLLIN) != 0) {
    seccomp_notif call{};
    if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0) {
      answers.to(Call(listener, call));
    }
  }
}

bool drop_rights(uid_t user) {
  return user == 0 || (::setgroups(0, nullptr) == 0 && ::setgid(user) == 0 && ::setuid(user) == 0 &&
                       // Or our own child would be nobody whom we may look into.
                       ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
}

int run(const Options& options) {
  int pair[2];
  if (!drop_rights(options.user) ||
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    std::perror("fakedev");
    return 2;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    become(options, pair[1]);
  }
  ::close(pair[1]);
  const int listener = receive_descriptor(pair[0]);
  if (listener >= 0) {
    serve(listener, options);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace
}  // namespace fakedev

int main(int, char** argv) {
  fakedev::Options options;
  if (!fakedev::parse(argv + 1, options)) {
    std::fputs("usage: fakedev [--as UID] [--version V] RULE... -- COMMAND...\n", stderr);
    return 2;
  }
  return fakedev::run(options);
}
