// file:PATH [state=absent] [size>=10M] [stable=5s] [newer=PATH|5m] [content~REGEX]
//
// PATH is one name, taken as it is: no globs. Links are followed; one that leads nowhere is neither
// there nor absent. All parameters have to hold. `stable` counts from when we first saw this size
// and time, since a time in the past proves nothing (cp -p, rsync -t). `newer` than a file is
// strict; than a duration compares with this machine's clock, which a file server may not share.
// `content` looks at the lines of the first and the last MiB; its pattern wants quotes, which keep
// backslashes: content~'epoch \d+'.

#include "looking.hpp"
#include "schemes.hpp"
#include "values.hpp"
#include "watch.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::probe {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kContentBytes = 1 << 20;

struct Wanted {
  std::string path;
  bool absent = false;
  std::vector<SizeBound> sizes;
  std::optional<Milliseconds> stable;
  std::optional<Milliseconds> newer_than_age;
  std::string newer_than_path;
  std::optional<Pattern> content;
};

int stat_errno(const std::string& path, struct stat& status) {
  return ::stat(path.c_str(), &status) == 0 ? 0 : errno;
}

bool is_before(const timespec& left, const timespec& right) {
  return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec : left.tv_nsec < right.tv_nsec;
}

bool same(const struct stat& left, const struct stat& right) {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino &&
         left.st_size == right.st_size && !is_before(left.st_mtim, right.st_mtim) &&
         !is_before(right.st_mtim, left.st_mtim);
}

WallTime time_of(const timespec& time) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

// The lines of the first and the last MiB; the errno when they cannot be read.
tl::expected<bool, int> has_content(const std::string& path, const Pattern& pattern) {
  const auto fd = try_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) {
    return tl::unexpected(fd.error());
  }
  const auto head = read_all(fd->get(), kContentBytes);
  if (!head) {
    return tl::unexpected(head.error());
  }
  if (pattern.found_in_lines(*head)) {
    return true;
  }
  const off_t end = ::lseek(fd->get(), 0, SEEK_END);
  if (end <= static_cast<off_t>(kContentBytes)) {
    return false;
  }
  const off_t from = std::max<off_t>(kContentBytes, end - static_cast<off_t>(kContentBytes));
  if (::lseek(fd->get(), from, SEEK_SET) < 0) {
    return tl::unexpected(errno);
  }
  const auto tail = read_all(fd->get(), kContentBytes);
  return tail ? tl::expected<bool, int>(pattern.found_in_lines(*tail))
              : tl::unexpected(tail.error());
}

// What we know of the file from one look to the next.
class File {
 public:
  explicit File(Wanted wanted) : wanted_(std::move(wanted)) {}

  Look look() {
    struct stat status {};
    const int error = stat_errno(wanted_.path, status);
    if (wanted_.absent) {
      return {absence(error)};
    }
    if (error != 0) {
      seen_.reset();
      return {missing(error)};
    }
    if (auto reason = against_size(status)) {
      seen_.reset();
      return {std::move(*reason)};
    }
    if (auto reason = against_age(status)) {
      return {std::move(*reason)};
    }
    if (auto reason = against_content(status)) {
      return {std::move(*reason)};
    }
    if (auto unrest = against_stability(status)) {
      return std::move(*unrest);
    }
    return {is_met(S_ISREG(status.st_mode)
                       ? describe_bytes(static_cast<std::uint64_t>(status.st_size))
                       : "is there")};
  }

 private:
  [[nodiscard]] bool is_dangling() const {
    struct stat link {};
    return ::lstat(wanted_.path.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
  }

  [[nodiscard]] Finding absence(int error) const {
    if (error == 0) {
      return not_yet("is still there");
    }
    if (error == ENOENT && is_dangling()) {
      return not_yet("a link to nothing is still there");
    }
    return error == ENOENT || error == ENOTDIR ? is_met("absent") : errno_finding(error);
  }

  [[nodiscard]] Finding missing(int error) const {
    Finding finding = errno_finding(error);
    if (error == ENOENT && is_dangling()) {
      finding.words = "a link to nothing";
    } else if (error == ENOENT && wanted_.path.find_first_of("*?[") != std::string::npos) {
      finding.words += " (a name is taken as it is, without globs)";
    }
    return finding;
  }

  [[nodiscard]] std::optional<Finding> against_size(const struct stat& status) const {
    if (!wanted_.sizes.empty() && !S_ISREG(status.st_mode)) {
      return not_yet(S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    for (const SizeBound& bound : wanted_.sizes) {
      if (!bound.holds(size)) {
        return not_yet(fmt::format("{}, wanted {}", describe_bytes(size), bound.words()));
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Finding> against_age(const struct stat& status) const {
    if (wanted_.newer_than_age) {
      const auto age = std::chrono::system_clock::now() - time_of(status.st_mtim);
      if (age >= *wanted_.newer_than_age) {
        return not_yet(
            fmt::format("last written {} ago",
                        describe_duration(std::chrono::duration_cast<Milliseconds>(age))));
      }
    }
    if (wanted_.newer_than_path.empty()) {
      return std::nullopt;
    }
    struct stat other {};
    if (const int error = stat_errno(wanted_.newer_than_path, other); error != 0) {
      Finding finding = errno_finding(error);
      finding.words = printable(wanted_.newer_than_path) + ": " + finding.words;
      return finding;
    }
    return is_before(other.st_mtim, status.st_mtim)
               ? std::nullopt
               : std::optional(not_yet("not newer than " + printable(wanted_.newer_than_path)));
  }

  [[nodiscard]] std::optional<Finding> against_content(const struct stat& status) const {
    if (!wanted_.content) {
      return std::nullopt;
    }
    if (!S_ISREG(status.st_mode)) {
      return not_yet(S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
    }
    const auto found = has_content(wanted_.path, *wanted_.content);
    if (!found) {
      return errno_finding(found.error());
    }
    return *found ? std::nullopt : std::optional(not_yet("no such content"));
  }

  [[nodiscard]] std::optional<Look> against_stability(const struct stat& status) {
    if (!wanted_.stable) {
      return std::nullopt;
    }
    const SteadyTime now = steady_clock::now();
    if (!seen_ || !same(*seen_, status)) {
      seen_ = status;
      since_ = now;
    }
    const auto calm = std::chrono::floor<Milliseconds>(now - since_);
    if (calm >= *wanted_.stable) {
      return std::nullopt;
    }
    return Look{not_yet(fmt::format("unchanged for {}, wanted {}", describe_duration(calm),
                                    format_duration(*wanted_.stable))),
                *wanted_.stable - calm};
  }

  Wanted wanted_;
  std::optional<struct stat> seen_;  // since since_
  SteadyTime since_;
};

tl::expected<Milliseconds, condition::Mistake> duration_of(const condition::Leaf& leaf,
                                                           const condition::Piece& value) {
  auto duration = parse_duration(value.text);
  if (!duration) {
    return mistake(leaf, value, std::move(duration.error().message),
                   std::move(duration.error().remedy));
  }
  return *duration;
}

using Read = std::optional<condition::Mistake>;

Read read_state(const condition::Leaf& leaf, const condition::Parameter& parameter,
                Wanted& wanted) {
  wanted.absent = parameter.value.text == "absent";
  if (!wanted.absent && parameter.value.text != "present") {
    return mistake(leaf, parameter.value,
                   fmt::format("'{}' is no state of a file", printable(parameter.value.text)),
                   "use absent or present")
        .value();
  }
  return wants_operator(leaf, parameter, "=");
}

Read read_newer(const condition::Leaf& leaf, const condition::Parameter& parameter,
                Wanted& wanted) {
  if (parameter.value.text.empty()) {
    return mistake(leaf, parameter.key, "newer than what?", "a duration such as 5m, or a path")
        .value();
  }
  if (const auto age = parse_duration(parameter.value.text)) {
    wanted.newer_than_age = *age;
  } else {
    wanted.newer_than_path = parameter.value.text;
  }
  return wants_operator(leaf, parameter, "=");
}

Read read_parameter(const condition::Leaf& leaf, const condition::Parameter& parameter,
                    Wanted& wanted) {
  const std::string& key = parameter.key.text;
  if (key == "state") {
    return read_state(leaf, parameter, wanted);
  }
  if (key == "newer") {
    return read_newer(leaf, parameter, wanted);
  }
  if (key == "size") {
    auto bound = size_bound(leaf, parameter);
    if (!bound) {
      return std::move(bound.error());
    }
    wanted.sizes.push_back(std::move(*bound));
    return std::nullopt;
  }
  if (key == "stable") {
    const auto stable = duration_of(leaf, parameter.value);
    if (!stable) {
      return stable.error();
    }
    wanted.stable = *stable;
    return wants_operator(leaf, parameter, "=");
  }
  auto content = pattern_of(leaf, parameter.value);
  if (!content) {
    return std::move(content.error());
  }
  wanted.content = std::move(*content);
  return wants_operator(leaf, parameter, "~");
}

}  // namespace

Made make_file(const condition::Leaf& leaf, const Settings&) {
  Wanted wanted;
  wanted.path = leaf.target.text;
  if (wanted.path.empty()) {
    return mistake(leaf, leaf.target, "file: wants a path", "such as file:/data/READY");
  }
  if (auto wrong = unknown_parameter(leaf, {"state", "size", "stable", "newer", "content"})) {
    return tl::unexpected(std::move(*wrong));
  }
  for (const condition::Parameter& parameter : leaf.parameters) {
    if (auto wrong = read_parameter(leaf, parameter, wanted)) {
      return tl::unexpected(std::move(*wrong));
    }
  }
  if (wanted.absent && leaf.parameters.size() > 1) {
    return mistake(leaf, leaf.parameters[1].key, "what is absent has nothing else to wait for",
                   "use state=absent alone");
  }
  auto watch = std::make_shared<Watch>(wanted.path);
  auto file = std::make_shared<File>(std::move(wanted));
  return make_looking_probe([file](SteadyTime) { return file->look(); }, std::move(watch));
}

}  // namespace toolkit::probe
