#include "local_resume.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace toolkit::store {
namespace {

constexpr std::uint64_t kWorthIt = 4 << 20;
constexpr std::size_t kLookBack = 64 << 10;

// Changes with the machine's start, before which the kernel may have lost what it had not written.
std::string boot_id() {
  const auto text = read_file("/proc/sys/kernel/random/boot_id", 64);
  return text ? std::string(trim(*text)) : std::string();
}

std::string origin_of(const Target& target, const Content& content) {
  const Entry& entry = content.entry();
  return fmt::format("{} {} {} {} {}", boot_id(), target.size, entry.mtime, entry.identity.device,
                     entry.identity.inode);
}

// Whether the last bytes of the draft are those of the content at the same place.
bool ends_alike(int fd, Content& content, std::uint64_t size) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, kLookBack));
  std::vector<char> ours(count), theirs(count);
  const std::uint64_t from = size - count;
  if (::pread(fd, ours.data(), count, static_cast<off_t>(from)) != static_cast<ssize_t>(count)) {
    return false;
  }
  for (std::size_t done = 0; done < count;) {
    const auto read = content.read(from + done, std::span(theirs).subspan(done));
    if (!read || *read == 0) {
      return false;
    }
    done += *read;
  }
  return ours == theirs;
}

}  // namespace

std::string resume_memo(const LocalDraft& draft, const Target& target, const Content& content) {
  const bool known = content.entry().mtime != 0 && content.entry().identity != Identity{};
  return known && target.size >= kWorthIt && !boot_id().empty()
             ? origin_of(target, content) + " " + draft.draft_name()
             : std::string();
}

OrErrno<LocalDraft> resume(const SharedFd& directory, const Target& target, Content& content,
                           const std::string& memo, std::uint64_t& have) {
  const std::string origin = origin_of(target, content) + " ";
  const std::size_t name = std::min(memo.find('.'), memo.size());
  auto draft = LocalDraft::reopen(directory, last_of(target.key), memo.substr(name));
  struct stat status {};
  if (!draft) {
    return draft;
  }
  if (memo.substr(0, name) != origin || ::fstat(draft->fd(), &status) != 0 ||
      static_cast<std::uint64_t>(status.st_size) > target.size ||
      !ends_alike(draft->fd(), content, static_cast<std::uint64_t>(status.st_size))) {
    return tl::unexpected(ESTALE);
  }
  have = static_cast<std::uint64_t>(status.st_size);
  return draft;
}

}  // namespace toolkit::store
