// Large whole files go on where the last try was cut off: by the network, the server, or our own
// end. Their draft has a name that follows from the source, so that it is found again without a
// note, and what it holds is read back and compared: bytes that nobody could vouch for (a power cut
// at the server, another file of the same times) are written anew. Reading costs no byte sent.
#include "sftp_content.hpp"
#include "sftp_path.hpp"
#include "sftp_store.hpp"

#include <algorithm>
#include <vector>

namespace toolkit::store {

using namespace sftp;

namespace {

constexpr std::size_t kPiece = 1 << 20;

// Up to the first byte that differs.
Result<std::uint64_t> same_beginning(Content& ours, Content& theirs, std::uint64_t most) {
  std::vector<char> left(kPiece), right(kPiece);
  std::uint64_t offset = 0;
  while (offset < most) {
    const std::span<char> wanted(
        right.data(), static_cast<std::size_t>(std::min<std::uint64_t>(most - offset, kPiece)));
    TRY_ASSIGN(const std::size_t there, theirs.read(offset, wanted));
    TRY_ASSIGN(const std::size_t here, ours.read(offset, std::span(left).first(there)));
    const auto same = std::mismatch(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(here),
                                    right.begin());
    const auto count = static_cast<std::size_t>(same.first - left.begin());
    offset += count;
    if (count < there || there == 0) {
      break;
    }
  }
  return offset;
}

}  // namespace

// The draft that a try before this one has left; a fault where it cannot be gone on with.
Answer<SftpStore::Draft> SftpStore::resume_draft(const Connected& session, const std::string& path,
                                                 const Target& target, Content& content) {
  const auto unknown = [&](const Error& error) {
    Fault fault;
    if (!session->is_alive()) {
      fault.lost = error;
    }
    return tl::unexpected(std::move(fault));
  };
  std::uint64_t proven = 0;
  {
    const auto there = open_content(session, path, path, false);
    if (!there) {
      return unknown(there.error());
    }
    const auto same =
        same_beginning(content, **there, std::min((*there)->entry().size, target.size));
    if (!same) {
      return unknown(same.error());
    }
    proven = *same;
  }
  auto opening = session->open(path, kWrite);
  auto handle = wait_handle(opening);
  if (!handle) {
    return tl::unexpected(handle.error());
  }
  Attributes shorter;
  shorter.size = proven;
  auto cutting = session->set(Type::fsetstat, *handle, shorter);
  if (const auto cut = wait_done(cutting); !cut) {
    (void)session->close(*handle);
    return tl::unexpected(cut.error());
  }
  return Draft{path, std::move(*handle), proven};
}

// Of a state of the source that is no more: nobody else would ask for it again.
void SftpStore::drop_old_draft(Session& session, const std::string& path, const std::string& memo) {
  if (!memo.empty() && memo != name_in(path) && is_draft_name(memo)) {
    (void)session.ask(Type::remove, sibling_of(path, memo));
  }
}

}  // namespace toolkit::store
