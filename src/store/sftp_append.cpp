// Files that grow in place. A server does the requests for one handle in order (OpenSSH), or they
// are made one by one, so that no reader ever sees a hole.
#include "sftp_path.hpp"
#include "sftp_store.hpp"
#include "sftp_upload.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

namespace toolkit::store {

using namespace sftp;

void SftpStore::give_up_appending() {
  if (appending_.exchange(Appending::refused) != Appending::refused) {
    log_warn(
        "{} refuses to write at an offset of a file that is there: growing files are sent whole",
        location_.host);
  }
}

// The length that the caller relies on, before anything is opened: that could make it or wait.
Result<void> SftpStore::check_end(Session& session, const Target& target, std::uint64_t offset) {
  auto ticket = session.ask(Type::lstat, path_of(target.key));
  const auto found = wait_attributes(ticket);
  const std::string what = cannot("append to", target.key);
  if (!found && found.error().is(Status::no_such_file)) {
    return offset == 0 ? Result<void>{}
                       : fail(ErrorKind::conflict, what + ": it is no longer there");
  }
  if (!found) {
    return cannot("append to", target.key, found.error());
  }
  const Entry entry = entry_of("", *found);
  if (entry.kind != Kind::file) {
    return fail(ErrorKind::conflict, what + ": it is not a regular file");
  }
  if (entry.size != offset) {
    return fail(ErrorKind::conflict,
                fmt::format("{}: it has {} bytes, not {}", what, entry.size, offset));
  }
  return {};
}

// And once more of what is open now, which a rename may have put there since.
Result<void> SftpStore::check_open_end(Session& session, const std::string& handle,
                                       const Target& target, Growth& growth) {
  auto ticket = session.ask(Type::fstat, handle);
  const auto found = wait_attributes(ticket);
  if (!found) {
    return cannot("append to", target.key, found.error());
  }
  if (found->size.value_or(0) != growth.offset) {
    growth.is_refused = true;  // or the server has emptied it
    return fail(ErrorKind::conflict,
                cannot("append to", target.key) + ": somebody else is writing to it");
  }
  return {};
}

Answer<std::string> SftpStore::open_to_append(Session& session, const Target& target,
                                              std::uint64_t offset) {
  const std::string path = path_of(target.key);
  // Not the flag APPEND: OpenSSH would ignore offsets then, and a request sent again would land
  // twice.
  const std::uint32_t flags = offset == 0 ? kWrite | kCreate : kWrite;
  Attributes attributes;
  attributes.mode = target.mode != 0 ? target.mode & 07777 : 0644U;
  auto ticket = session.open(path, flags, attributes);
  auto handle = wait_handle(ticket);
  if (!handle && handle.error().is(Status::no_such_file) && offset == 0) {
    if (const auto made = make_path(session, parent_of(path)); !made) {
      return tl::unexpected(made.error());
    }
    ticket = session.open(path, flags, attributes);
    handle = wait_handle(ticket);
  }
  return handle;
}

Result<void> SftpStore::finish_growing(Session& session, const std::string& handle,
                                       const Target& target, bool is_new) {
  Attributes attributes = attributes_of(target);
  if (!is_new) {
    attributes.mode.reset();
  }
  std::vector<Ticket> open;
  open.push_back(session.set(Type::fsetstat, handle, attributes));
  if (session.skills().fsync) {
    open.push_back(session.sync(handle));
  }
  Result<void> result;
  for (Ticket& ticket : open) {
    const auto done = wait_done(ticket);
    if (!done && result) {
      result = write_failed(session, target.key, done.error());
    }
  }
  return result;
}

// The bytes into the open file, and what they need to last.
Result<void> SftpStore::grow(Session& session, const std::string& handle, const Target& target,
                             Growth& growth, Content& content, Flow& flow) {
  const std::string what = cannot("append to", target.key);
  const std::size_t depth = session.skills().is_openssh() ? upload_depth(session.sizes()) : 1;
  Upload upload{session, handle, content, flow, what, depth};
  auto sent = upload.send(growth.offset, target.size);
  if (upload.is_torn) {
    // Something behind a write that failed was written: taken back before anybody relies on it.
    Attributes shorter;
    shorter.size = upload.good_end;
    auto ticket = session.set(Type::fsetstat, handle, shorter);
    (void)wait_done(ticket);
  }
  if (upload.fault) {
    growth.is_refused = !upload.fault->lost && upload.good_end == growth.offset;
    return write_failed(session, target.key, *upload.fault);
  }
  return sent ? finish_growing(session, handle, target, growth.offset == 0) : std::move(sent);
}

// False when this server cannot do it, and nothing was changed.
Result<bool> SftpStore::append_in_place(Session& session, const Target& target,
                                        std::uint64_t offset, Content& content, Flow& flow) {
  TRY(check_end(session, target, offset));
  const bool is_trial = offset > 0 && appending_ == Appending::untried;
  const auto handle = open_to_append(session, target, offset);
  if (!handle) {
    return is_trial && !handle.error().lost ? Result<bool>(false)
                                            : write_failed(session, target.key, handle.error());
  }
  Growth growth{offset};
  auto grown = check_open_end(session, *handle, target, growth);
  if (grown) {
    grown = grow(session, *handle, target, growth, content, flow);
  }
  auto closing = session.close(*handle);
  const auto closed = wait_done(closing);
  if (!grown) {
    return is_trial && growth.is_refused ? Result<bool>(false)
                                         : Result<bool>(Failure(std::move(grown.error())));
  }
  if (!closed) {
    return write_failed(session, target.key, closed.error());
  }
  if (offset > 0) {
    appending_ = Appending::works;
  }
  return true;
}

Result<void> SftpStore::append(const Target& target, std::uint64_t offset, Content& content,
                               Flow& flow, std::string& memo) {
  TRY_ASSIGN(const auto session, connect());
  if (offset == 0 || appending_ != Appending::refused) {
    TRY_ASSIGN(const bool done, append_in_place(*session, target, offset, content, flow));
    if (done) {
      return {};
    }
    give_up_appending();
  }
  return put(target, content, flow, memo);
}

}  // namespace toolkit::store
