// Directories, names and attributes on an SFTP server.
#include "sftp_content.hpp"
#include "sftp_path.hpp"
#include "sftp_store.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <deque>

namespace toolkit::store {

using namespace sftp;

namespace {

// How many READDIRs are under way at once: one brings up to 100 names.
constexpr std::size_t kListingDepth = 4;

bool is_name(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

Answer<bool> read_names(Ticket& ticket, std::vector<Entry>& entries) {
  const auto reply = wait_reply(ticket, Type::name);
  if (!reply) {
    return reply.error().is(Status::end_of_file) ? Answer<bool>(false)
                                                 : tl::unexpected(reply.error());
  }
  auto names = parse_names(*reply);
  if (!names) {
    return tl::unexpected(Fault{Status::bad_message, "a listing that is none", {}});
  }
  for (NameReply& name : *names) {
    if (name.name == "." || name.name == "..") {
      continue;
    }
    if (!is_name(name.name)) {
      return tl::unexpected(Fault{
          Status::bad_message, fmt::format("'{}' is no file name", printable(name.name)), {}});
    }
    entries.push_back(entry_of(std::move(name.name), name.attributes, name.long_name));
  }
  return true;
}

Answer<std::vector<Entry>> read_directory(Session& session, const std::string& path) {
  auto opening = session.ask(Type::opendir, path);
  const auto handle = wait_handle(opening);
  if (!handle) {
    return tl::unexpected(handle.error());
  }
  std::vector<Entry> entries;
  std::deque<Ticket> open;
  Answer<bool> more = true;
  while ((more && *more) || !open.empty()) {
    while (more && *more && open.size() < kListingDepth) {
      open.push_back(session.ask(Type::readdir, *handle));
    }
    auto names = read_names(open.front(), entries);
    open.pop_front();
    // What comes behind the end is more ends.
    if (more && (!names || *more)) {
      more = std::move(names);
    }
  }
  (void)session.close(*handle);
  return more ? Answer<std::vector<Entry>>(std::move(entries)) : tl::unexpected(more.error());
}

}  // namespace

Result<std::vector<Entry>> SftpStore::list(const std::string& directory) {
  TRY_ASSIGN(const auto session, connect());
  auto entries = read_directory(*session, path_of(directory));
  if (!entries) {
    return cannot("list", directory, entries.error());
  }
  std::sort(entries->begin(), entries->end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return std::move(*entries);
}

Result<std::optional<Entry>> SftpStore::stat(const std::string& key) {
  TRY_ASSIGN(const auto session, connect());
  const std::string path = path_of(key);
  auto ticket = session->ask(Type::lstat, path);
  const auto attributes = wait_attributes(ticket);
  if (!attributes && attributes.error().is(Status::no_such_file)) {
    return std::nullopt;
  }
  if (!attributes) {
    return cannot("look at", key, attributes.error());
  }
  return entry_of(name_in(path), *attributes);
}

// As mkdir -p, from the far end: the parents are mostly there.
Answer<void> SftpStore::make_path(Session& session, const std::string& path) {
  auto ticket = session.set(Type::mkdir, path, {});
  auto made = wait_done(ticket);
  const std::string parent = parent_of(path);
  if (!made && made.error().is(Status::no_such_file) && !parent.empty() && parent != path) {
    if (auto above = make_path(session, parent); !above) {
      return above;
    }
    ticket = session.set(Type::mkdir, path, {});
    made = wait_done(ticket);
  }
  if (made || made.error().lost) {
    return made;
  }
  auto looking = session.ask(Type::stat, path);
  const auto found = wait_attributes(looking);
  if (found && entry_of("", *found).kind == Kind::directory) {
    return {};
  }
  return found ? Answer<void>(tl::unexpected(Fault{Status::failure, path + " is no directory", {}}))
               : made;
}

Result<void> SftpStore::make_directory(const std::string& key) {
  TRY_ASSIGN(const auto session, connect());
  const auto made = make_path(*session, path_of(key));
  return made ? Result<void>{} : cannot("make the directory", key, made.error());
}

// Over what is there.
Answer<void> SftpStore::replace(Session& session, const std::string& from, const std::string& to) {
  auto ticket = session.rename(from, to);
  auto renamed = wait_done(ticket);
  if (renamed || !renamed.error().is(Status::failure) || session.skills().posix_rename) {
    return renamed;
  }
  auto removing = session.ask(Type::remove, to);
  if (const auto removed = wait_done(removing); !removed) {
    return renamed;
  }
  ticket = session.rename(from, to);
  return wait_done(ticket);
}

Result<void> SftpStore::rename(const std::string& from, const std::string& to) {
  TRY_ASSIGN(const auto session, connect());
  auto renamed = replace(*session, path_of(from), path_of(to));
  if (!renamed && renamed.error().is(Status::no_such_file)) {
    if (const auto made = make_path(*session, parent_of(path_of(to))); made) {
      renamed = replace(*session, path_of(from), path_of(to));
    }
  }
  return renamed ? Result<void>{} : cannot("rename", from, renamed.error());
}

Result<void> SftpStore::remove(const std::string& key) {
  TRY_ASSIGN(const auto session, connect());
  const std::string path = path_of(key);
  auto ticket = session->ask(Type::remove, path);
  auto removed = wait_done(ticket);
  if (!removed && !removed.error().lost && !removed.error().is(Status::no_such_file)) {
    auto looking = session->ask(Type::lstat, path);
    const auto found = wait_attributes(looking);
    if (found && entry_of("", *found).kind == Kind::directory) {
      ticket = session->ask(Type::rmdir, path);
      removed = wait_done(ticket);
    }
  }
  const bool gone = removed || removed.error().is(Status::no_such_file);
  return gone ? Result<void>{} : cannot("remove", key, removed.error());
}

Result<void> SftpStore::set_time(const std::string& key, std::int64_t mtime) {
  TRY_ASSIGN(const auto session, connect());
  Attributes attributes;
  attributes.atime = attributes.mtime = seconds_of(mtime);
  auto ticket = session->set(Type::setstat, path_of(key), attributes);
  const auto done = wait_done(ticket);
  return done ? Result<void>{} : cannot("set the time of", key, done.error());
}

Result<std::optional<std::uint64_t>> SftpStore::free_space() {
  TRY_ASSIGN(const auto session, connect());
  if (!session->skills().statvfs) {
    return std::nullopt;
  }
  auto ticket = session->space(root_);
  const auto reply = wait_reply(ticket, Type::extended_reply);
  if (!reply && (reply.error().is(Status::no_such_file) || reply.error().is(Status::unsupported))) {
    return std::nullopt;  // the root is yet to be made, or the extension only announced (rclone)
  }
  if (!reply) {
    return cannot("ask for the free space of", "", reply.error());
  }
  const auto space = parse_space(*reply);
  return space ? std::optional(space->available_bytes) : std::nullopt;
}

// A server's plain "failure" to write is mostly a full disk, which it can be asked for.
Failure SftpStore::write_failed(Session& session, const std::string& key, const Fault& fault) {
  if (fault.is(Status::failure) && session.skills().statvfs) {
    auto ticket = session.space(root_);
    const auto reply = wait_reply(ticket, Type::extended_reply);
    const auto space = reply ? parse_space(*reply) : std::nullopt;
    if (space && (space->available_bytes < (64 << 10) || space->free_files == 0)) {
      return fail(ErrorKind::failed, cannot("write", key) + ": no space left on the device",
                  fmt::format("free some space at {}", name_of("")));
    }
  }
  return cannot("write", key, fault);
}

Result<std::unique_ptr<Content>> SftpStore::open(const std::string& key, bool follow) {
  TRY_ASSIGN(const auto session, connect());
  auto content = open_content(session, path_of(key), name_of(key), follow);
  if (!content) {
    return Failure(std::move(content.error()));
  }
  return std::unique_ptr<Content>(std::move(*content));
}

}  // namespace toolkit::store
