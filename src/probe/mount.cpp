// mount:PATH [type=nfs4] [writable=yes]
//
// Met when something is mounted on exactly PATH (links followed) in our mount namespace. `writable`
// is what access(2) says to us; it needs an answer of the file system itself.

#include "looking.hpp"
#include "mount_table.hpp"
#include "schemes.hpp"
#include "values.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

namespace toolkit::probe {
namespace {

constexpr const char* kTable = "/proc/self/mountinfo";

// poll(2) reports POLLPRI on this file after each change of the mounts: proc_pid_mounts(5).
class MountEvents final : public Events {
 public:
  MountEvents() : table_(try_open(kTable, O_RDONLY).value_or(UniqueFd())) {}

  [[nodiscard]] pollfd entry() const override { return {table_.get(), POLLPRI, 0}; }
  void hear() override { stirred_ = true; }
  [[nodiscard]] bool stirred() const override { return stirred_; }
  void calm() override { stirred_ = false; }

 private:
  UniqueFd table_;
  bool stirred_ = false;
};

struct Wanted {
  std::string path;
  std::string type;
  bool writable = false;
};

std::string working_directory() {
  char buffer[PATH_MAX];
  return ::getcwd(buffer, sizeof buffer) != nullptr ? buffer : "/";
}

// By its words first, which asks no file system; then with its links followed.
tl::expected<Mounted, Finding> find_mount(const std::string& path) {
  const auto table = read_file(kTable);
  if (!table) {
    return tl::unexpected(
        Finding{.reason = Reason::unknown, .words = table.error().message, .exit_code = {}});
  }
  if (const auto mounted = mounted_at(*table, plain_path(path, working_directory()))) {
    return *mounted;
  }
  char real[PATH_MAX];
  if (::realpath(path.c_str(), real) == nullptr) {
    return tl::unexpected(errno_finding(errno));
  }
  if (const auto mounted = mounted_at(*table, real)) {
    return *mounted;
  }
  return tl::unexpected(
      Finding{.reason = Reason::absent, .words = "nothing is mounted there", .exit_code = {}});
}

Finding look(const Wanted& wanted) {
  const auto mounted = find_mount(wanted.path);
  if (!mounted) {
    return mounted.error();
  }
  if (!wanted.type.empty() && mounted->type != wanted.type) {
    return not_yet(fmt::format("{} is mounted there, wanted {}", printable(mounted->type),
                               printable(wanted.type)));
  }
  if (wanted.writable && ::access(wanted.path.c_str(), W_OK) != 0) {
    const int error = errno;
    Finding finding = errno == EROFS || errno == EACCES ? not_yet("") : errno_finding(error);
    finding.words = error == EROFS ? "is mounted read-only" : errno_words(error);
    return finding;
  }
  return is_met(fmt::format("{} from {}", printable(mounted->type), printable(mounted->source)));
}

std::optional<condition::Mistake> read_parameter(const condition::Leaf& leaf,
                                                 const condition::Parameter& parameter,
                                                 Wanted& wanted) {
  if (parameter.key.text == "type") {
    wanted.type = parameter.value.text;
  } else {
    wanted.writable = parameter.value.text == "yes";
    if (!wanted.writable) {
      return mistake(leaf, parameter.value, "writable= knows only yes").value();
    }
  }
  return wants_operator(leaf, parameter, "=");
}

}  // namespace

Made make_mount(const condition::Leaf& leaf, const Settings&) {
  Wanted wanted{leaf.target.text, {}, false};
  if (wanted.path.empty()) {
    return mistake(leaf, leaf.target, "mount: wants a path", "such as mount:/data");
  }
  if (auto wrong = unknown_parameter(leaf, {"type", "writable"})) {
    return tl::unexpected(std::move(*wrong));
  }
  for (const condition::Parameter& parameter : leaf.parameters) {
    if (auto wrong = read_parameter(leaf, parameter, wanted)) {
      return tl::unexpected(std::move(*wrong));
    }
  }
  return make_looking_probe([wanted](SteadyTime) { return Look{look(wanted)}; },
                            std::make_shared<MountEvents>());
}

}  // namespace toolkit::probe
