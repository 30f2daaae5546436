#include "predecessors.hpp"

#include "claim_text.hpp"
#include "journal_file.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

constexpr std::size_t kLimit = 4096;
constexpr std::size_t kMost = 8;  // who failed to claim leaves those before him in the list

// Empty where the boot is not known, without which an inode says nothing.
std::string place_of(int fd) {
  struct stat status {};
  const std::string boot = own_claim_text().boot_id;
  return boot.empty() || ::fstat(fd, &status) != 0
             ? std::string()
             : fmt::format("{} {}:{}", boot, status.st_dev, status.st_ino);
}

}  // namespace

Predecessors::Predecessors(const std::string& path) {
  auto fd = open_journal_file(path);
  if (!fd || !is_surely_locked(fd->get())) {
    log_debug("claims of those before us are not known: {}",
              fd ? "no locks here" : fd.error().message);
    return;
  }
  fd_ = std::move(*fd);
  place_ = place_of(fd_.get());
  const auto bytes = read_all(fd_.get(), kLimit);
  if (place_.empty() || !bytes) {
    fd_.close();
    return;
  }
  const auto lines = split(*bytes, '\n');
  if (!lines.empty() && lines.front() == place_) {
    tokens_.assign(lines.begin() + 1, lines.end());
    std::erase(tokens_, "");
    tokens_.resize(std::min(tokens_.size(), kMost));
  }
}

bool Predecessors::have(const std::string& token) const {
  return !token.empty() && std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end();
}

// Not synced: what a crash of the machine leaves is of another boot.
void Predecessors::note(const std::string& token) const {
  if (!fd_) {
    return;
  }
  std::string text = place_ + '\n' + token + '\n';
  for (const std::string& before : tokens_) {
    text += before + '\n';
  }
  if (write_at(fd_.get(), 0, text) != 0 ||
      ::ftruncate(fd_.get(), static_cast<off_t>(text.size())) != 0) {
    log_debug("a claim could not be noted: the next sync may have to wait for it");
  }
}

}  // namespace toolkit::sync
