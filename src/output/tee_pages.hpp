#pragma once
// What start-up needed of the program, given back before the flow needs memory.

namespace toolkit::output {

/// Drops the program's read-only pages from our resident set; those that are used come back from
/// the page cache by themselves. Options, records and their libraries are most of a static program,
/// and the flow of bytes uses a small part of it: without this the peak is the sum of both.
void release_program_pages();

}  // namespace toolkit::output
