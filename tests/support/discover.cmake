# Run after a test program is built: writes a ctest file with one test a doctest case. doctest's own
# module cannot give the cases of one suite other properties than the rest.
cmake_minimum_required(VERSION 3.25)

function(list_cases result)
  execute_process(COMMAND ${emulator} ${executable} --list-test-cases --no-version ${ARGN}
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE ";" "\\;" text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  list(FILTER lines EXCLUDE REGEX "^(\\[doctest\\].*|=*)$")
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

function(add_suite labels timeout serial)
  list_cases(cases ${ARGN})
  if(slower)
    math(EXPR timeout "${timeout} * 4")
  endif()
  foreach(case IN LISTS cases)
    string(REPLACE "," "\\," filter "${case}")  # doctest's filters are lists
    string(APPEND script "add_test([==[${label}: ${case}]==] ${emulator} [==[${executable}]==] [==[--test-case=${filter}]==])\n"
      "set_tests_properties([==[${label}: ${case}]==] PROPERTIES TIMEOUT ${timeout} RUN_SERIAL ${serial} "
      "LABELS [==[${labels}]==] ENVIRONMENT [==[${environment}]==])\n")
  endforeach()
  set(script "${script}" PARENT_SCOPE)
endfunction()

add_suite("${label}" 60 OFF "--test-suite-exclude=serial,slow,slow serial")
add_suite("${label}" 120 ON --test-suite=serial)
add_suite("${label};slow" 600 OFF --test-suite=slow)
add_suite("${label};slow" 600 ON "--test-suite=slow serial")
file(WRITE ${output} "${script}")
