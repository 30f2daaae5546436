#include "local_copy.hpp"
#include "local_draft.hpp"
#include "local_resume.hpp"
#include "local_store.hpp"
#include "local_words.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::store {
namespace {

// Descriptors that put_many() holds at a time: half of the usual limit of 1024 is for others.
constexpr std::size_t kTogether = 128;

// What is replaced keeps its mode where none is asked for, as with rsync(1).
std::uint32_t mode_for(int directory, const Target& target) {
  struct stat status {};
  const bool keep =
      target.mode == 0 &&
      ::fstatat(directory, last_of(target.key).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISREG(status.st_mode);
  return keep ? status.st_mode & 07777U : target.mode;
}

// On disk, and then in its place.
int finish(LocalDraft& draft) {
  const int error = draft.sync();
  return error == 0 ? draft.publish() : error;
}

struct Small {
  std::size_t index;
  LocalDraft draft;
};

}  // namespace

Result<void> LocalStore::put(const Target& target, Content& content, Flow& flow,
                             std::string& memo) {
  auto directory = directory_for(target.key);
  if (!directory) {
    return cannot_write(target.key, directory.error());
  }
  const auto place = std::make_shared<const UniqueFd>(std::move(*directory));
  const std::uint32_t mode = mode_for(place->get(), target);
  std::uint64_t have = 0;
  auto draft = resume(place, target, content, memo, have);
  if (!draft) {
    have = 0;
    draft = LocalDraft::begin(place, last_of(target.key), mode);
  }
  if (!draft) {
    return cannot_write(target.key, draft.error());
  }
  const std::string path = name_of(target.key);
  memo = resume_memo(*draft, target, content);
  LocalCopy copy(content, draft->fd(), path, flow);
  auto copied = copy.run(have, target.size);
  copied = copied ? content.confirm() : std::move(copied);
  if (!copied) {
    if (copied.error().kind == ErrorKind::interrupted && !memo.empty()) {
      draft->keep();
    } else {
      memo.clear();
      flow.again(static_cast<std::size_t>(copy.written() - have));
    }
    return copied;
  }
  memo.clear();
  draft->settle(mode, target.mtime);
  if (const int error = finish(*draft); error != 0) {
    flow.again(static_cast<std::size_t>(target.size - have));
    return cannot_write(target.key, error);
  }
  sync_directory(place->get());
  return {};
}

// All are written before the first is synced, which then is one commit of the file system's journal
// for all of them and not one each.
std::vector<Result<void>> LocalStore::put_many(std::span<const Target> targets,
                                               std::span<Content* const> contents, Flow& flow) {
  std::vector<Result<void>> results(targets.size());
  LocalPlaces places;
  for (std::size_t first = 0; first < targets.size(); first += kTogether) {
    const std::size_t end = std::min(targets.size(), first + kTogether);
    std::vector<Small> written;
    written.reserve(kTogether);
    for (std::size_t i = first; i < end; ++i) {
      auto draft = write_small(targets[i], *contents[i], flow, places);
      if (draft) {
        written.push_back({i, std::move(*draft)});
      } else {
        results[i] = Failure(std::move(draft).error());
      }
    }
    for (Small& small : written) {
      if (const int error = finish(small.draft); error != 0) {
        flow.again(static_cast<std::size_t>(targets[small.index].size));
        results[small.index] = cannot_write(targets[small.index].key, error);
      }
    }
  }
  for (const auto& [key, place] : places.all()) {
    sync_directory(place->get());
  }
  return results;
}

Result<LocalDraft> LocalStore::write_small(const Target& target, Content& content, Flow& flow,
                                           LocalPlaces& places) {
  const auto place = places.directory_of(
      target.key, [this](const std::string& key) { return directory_for(key); });
  if (!place) {
    return cannot_write(target.key, place.error());
  }
  const std::uint32_t mode = mode_for((*place)->get(), target);
  auto draft = LocalDraft::begin(*place, last_of(target.key), mode);
  if (!draft) {
    return cannot_write(target.key, draft.error());
  }
  const std::string path = name_of(target.key);
  LocalCopy copy(content, draft->fd(), path, flow);
  auto copied = copy.run(0, target.size);
  copied = copied ? content.confirm() : std::move(copied);
  if (!copied) {
    flow.again(static_cast<std::size_t>(copy.written()));
    return Failure(std::move(copied).error());
  }
  draft->settle(mode, target.mtime);
  return std::move(*draft);
}

}  // namespace toolkit::store
