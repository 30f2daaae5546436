#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::gpu {
namespace {

// NCCL's buffers between two ranks of one machine: the simple protocol's 4 MiB a channel and what
// goes with it, as its issue 290 has them fail.
constexpr off_t kAllocation = 33'000'000;
constexpr std::size_t kMostFiles = 256, kMostProcesses = 4096;

tl::expected<UniqueFd, int> open_unnamed(const std::string& directory) {
  auto fd = try_open(directory, O_TMPFILE | O_RDWR, 0600);
  if (fd || (fd.error() != EOPNOTSUPP && fd.error() != EISDIR && fd.error() != ENOENT)) {
    return fd;
  }
  const std::string path = directory + "/.toolkit-check-" + std::to_string(::getpid());
  fd = try_open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
  if (fd) {
    ::unlink(path.c_str());
  }
  return fd;
}

bool is_number(std::string_view text) { return parse_whole(text).has_value(); }

// Names of nccl-* files that some process has mapped. Whose maps may not be read might have any.
struct Holders {
  std::string maps;
  bool complete = true;
};

Holders read_holders(const std::string& processes) {
  Holders holders;
  std::size_t seen = 0;
  for (const std::string& name : sorted_entries(processes)) {
    if (!is_number(name)) {
      continue;
    }
    const auto maps = read_file(processes + "/" + name + "/maps");
    if (++seen > kMostProcesses || (!maps && maps.error().kind == ErrorKind::denied)) {
      holders.complete = false;
      break;
    }
    for (const std::string_view line : split(maps ? std::string_view(*maps) : "", '\n')) {
      if (line.find("/nccl-") != std::string_view::npos) {
        holders.maps += std::string(line) + "\n";
      }
    }
  }
  return holders;
}

}  // namespace

int try_allocation(const std::string& directory) {
  const auto fd = open_unnamed(directory);
  if (!fd) {
    return fd.error();
  }
  int status = 0;
  do {
    status = ::fallocate(fd->get(), 0, 0, kAllocation);
  } while (status != 0 && errno == EINTR);
  return status == 0 ? 0 : errno;
}

void find_stale_shm(const std::string& directory, const std::string& processes, HostFacts& host) {
  std::vector<std::string> names = sorted_entries(directory);
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("nccl-"); });
  if (names.empty()) {
    return;
  }
  const Holders holders = read_holders(processes);
  if (!holders.complete) {
    return;
  }
  std::uint64_t bytes = 0;
  names.resize(std::min(names.size(), kMostFiles));
  for (const std::string& name : names) {
    struct stat status {};
    if (holders.maps.find("/" + name + "\n") == std::string::npos &&
        ::lstat((directory + "/" + name).c_str(), &status) == 0) {
      host.stale_shm.push_back(name);
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  host.stale_shm_bytes = bytes;
}

}  // namespace toolkit::gpu
