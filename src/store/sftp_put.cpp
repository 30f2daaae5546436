// Whole files: into a draft beside the file, then over it.
#include "sftp_path.hpp"
#include "sftp_store.hpp"
#include "sftp_upload.hpp"

namespace toolkit::store {

using namespace sftp;

namespace {

constexpr std::uint32_t kMode = 0644;

Attributes creation_of(const Target& target) {
  Attributes attributes;
  attributes.mode = target.mode != 0 ? target.mode & 07777 : kMode;
  return attributes;
}

}  // namespace

Answer<SftpStore::Draft> SftpStore::begin_draft(Session& session, const Target& target) {
  const std::string path = path_of(target.key);
  const std::string draft = temporary_beside(path);
  const auto flags = kWrite | kCreate | kExclusive;
  auto ticket = session.open(draft, flags, creation_of(target));
  auto handle = wait_handle(ticket);
  if (!handle && handle.error().is(Status::no_such_file)) {
    if (const auto made = make_path(session, parent_of(path)); !made) {
      return tl::unexpected(made.error());
    }
    ticket = session.open(draft, flags, creation_of(target));
    handle = wait_handle(ticket);
  }
  return handle ? Answer<Draft>(Draft{draft, std::move(*handle)}) : tl::unexpected(handle.error());
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
  auto result = upload.send(0, target.size);
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

Result<void> SftpStore::put(const Target& target, Content& content, Flow& flow,
                            std::string& /*memo*/) {
  TRY_ASSIGN(const auto session, connect());
  const auto draft = begin_draft(*session, target);
  if (!draft) {
    return write_failed(*session, target.key, draft.error());
  }
  auto result = fill_draft(*session, *draft, target, content, flow);
  if (result) {
    if (const auto renamed = replace(*session, draft->path, path_of(target.key)); !renamed) {
      result = write_failed(*session, target.key, renamed.error());
    }
  }
  if (!result) {
    auto ticket = session->ask(Type::remove, draft->path);
    (void)wait_done(ticket);
  }
  return result;
}

}  // namespace toolkit::store
