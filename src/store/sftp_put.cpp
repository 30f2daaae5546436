// Whole files: into a draft beside the file, then over it.
#include "sftp_path.hpp"
#include "sftp_store.hpp"
#include "sftp_upload.hpp"

#include <utility>

namespace toolkit::store {

using namespace sftp;

namespace {

constexpr std::uint32_t kMode = 0644;
// Less is sent again rather than left lying about.
constexpr std::uint64_t kWorthResuming = 8 << 20;

Attributes creation_of(const Target& target) {
  Attributes attributes;
  attributes.mode = target.mode != 0 ? target.mode & 07777 : kMode;
  return attributes;
}

bool goes_on(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::interrupted;
}

}  // namespace

Answer<SftpStore::Draft> SftpStore::begin_draft(Session& session, const Target& target,
                                                const std::string& draft) {
  const auto flags = kWrite | kCreate | kExclusive;
  auto ticket = session.open(draft, flags, creation_of(target));
  auto handle = wait_handle(ticket);
  if (!handle && handle.error().is(Status::no_such_file)) {
    if (const auto made = make_path(session, parent_of(draft)); !made) {
      return tl::unexpected(made.error());
    }
    ticket = session.open(draft, flags, creation_of(target));
    handle = wait_handle(ticket);
  }
  return handle ? Answer<Draft>(Draft{draft, std::move(*handle)}) : tl::unexpected(handle.error());
}

// One that is there already is gone on with, or left alone where it cannot be.
Answer<SftpStore::Draft> SftpStore::take_draft(const Connected& session, const Target& target,
                                               Content& content, const std::string& draft) {
  auto taken = begin_draft(*session, target, draft);
  if (taken || !taken.error().is(Status::failure)) {
    return taken;
  }
  auto resumed = resume_draft(session, draft, target, content);
  return resumed || resumed.error().lost
             ? resumed
             : begin_draft(*session, target, temporary_beside(path_of(target.key)));
}

// All of it, on disk, with its time and mode; closed.
Result<void> SftpStore::fill_draft(Session& session, const Draft& draft, const Target& target,
                                   Content& content, Flow& flow) {
  const std::string what = cannot("write", target.key);
  std::vector<Ticket> open;
  // Attributes first: fsync(2) covers them.
  const auto finish = [&] {
    open.push_back(session.set(Type::fsetstat, draft.handle, attributes_of(target)));
    if (session.skills().fsync) {
      open.push_back(session.sync(draft.handle));
    }
    open.push_back(session.close(draft.handle));
  };
  Upload upload{session, draft.handle, content, flow, what, upload_depth(session.sizes())};
  if (session.skills().is_openssh()) {  // one request after the other: no need to wait in between
    upload.when_sent = finish;
  }
  auto result = upload.send(draft.proven, target.size);
  if (!result && open.empty()) {
    (void)session.close(draft.handle);
  } else if (open.empty()) {
    finish();
  }
  if (!result && upload.fault) {
    result = write_failed(session, target.key, *upload.fault);
  }
  for (Ticket& ticket : open) {
    const auto done = wait_done(ticket);
    if (!done && result) {
      result = write_failed(session, target.key, done.error());
    }
  }
  return result;
}

Result<void> SftpStore::put(const Target& target, Content& content, Flow& flow, std::string& memo) {
  TRY_ASSIGN(const auto session, connect());
  const std::string path = path_of(target.key);
  // Of servers that may do requests out of order nobody knows what a draft has between its ends.
  const bool can_resume = session->skills().is_openssh() && target.size >= kWorthResuming;
  const std::string name =
      can_resume ? draft_of_source(path, target, content.entry().identity) : temporary_beside(path);
  drop_old_draft(*session, name, std::exchange(memo, {}));
  const auto draft = take_draft(session, target, content, name);
  if (!draft) {
    return write_failed(*session, target.key, draft.error());
  }
  auto result = fill_draft(*session, *draft, target, content, flow);
  result = result ? content.confirm() : std::move(result);
  if (result) {
    if (const auto renamed = replace(*session, draft->path, path); !renamed) {
      result = write_failed(*session, target.key, renamed.error());
    }
  }
  if (!result && can_resume && goes_on(result.error())) {
    memo = name_in(draft->path);
  } else if (!result) {
    auto ticket = session->ask(Type::remove, draft->path);
    (void)wait_done(ticket);
  }
  return result;
}

}  // namespace toolkit::store
