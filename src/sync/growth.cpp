#include "growth.hpp"

#include "proof.hpp"

#include <fmt/core.h>

namespace toolkit::sync {
namespace {

Result<bool> is_beginning(Session& session, const Task& task, store::Content& content,
                          std::uint64_t length) {
  if (length == 0) {
    return true;
  }
  if (!session.options.transfer.checksum) {
    TRY_ASSIGN(const bool known, session.ledger.proves(task.destination, content, length));
    if (known) {
      return true;
    }
    TRY_ASSIGN(const bool told, session.places.destination->proves(*task.there, content));
    if (told) {
      return true;
    }
  }
  TRY_ASSIGN(const auto there, session.places.destination->open(task.destination, false));
  return session.options.transfer.checksum ? same_bytes(content, *there, 0, length)
                                           : continues(content, *there, length);
}

}  // namespace

Result<Growth> judge_growth(Session& session, const Task& task, store::Content& content,
                            const store::Entry& now) {
  if (!task.there) {
    return Growth{Growth::Kind::tail, 0, "not there"};
  }
  const std::uint64_t length = task.there->size;
  if (length > now.size) {
    return Growth{Growth::Kind::rewritten, 0,
                  fmt::format("is {} bytes long, and {} are there", now.size, length)};
  }
  TRY_ASSIGN(const bool proven, is_beginning(session, task, content, length));
  if (!proven) {
    return Growth{Growth::Kind::rewritten, 0, "begins otherwise than what is there"};
  }
  if (length == now.size) {
    return Growth{Growth::Kind::equal, length, "the same bytes"};
  }
  return Growth{Growth::Kind::tail, length,
                fmt::format("grew from {} to {} bytes", length, now.size)};
}

}  // namespace toolkit::sync
