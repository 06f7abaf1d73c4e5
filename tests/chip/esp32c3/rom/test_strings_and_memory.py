"""The ROM's functions of the C library."""

from __future__ import annotations

from pathlib import Path

from tests.chip.esp32c3.rom.evaluate import check, run

BUFFER = """
static char a[64], b[64];
static char *text(const char *from) { return strcpy(a, from); }
static int same(const char *expected) { return strcmp(a, expected) == 0; }
"""


def test_memory(tmp_path: Path) -> None:
    check(
        {
            "(char *)memset(a, 0x5A, 63) == a && a[0] == 0x5A && a[62] == 0x5A && a[63] == 0": 1,
            "(char *)memcpy(b + 1, a, 8) == b + 1 && b[0] == 0 && b[8] == 0x5A && b[9] == 0": 1,
            'memcmp("abc", "abd", 3) < 0 && memcmp("abc", "abd", 2) == 0': 1,
            'memcmp("\\xff", "\\x01", 1) > 0': 1,
            '(text("abcdefgh"), memmove(a + 2, a, 6), same("ababcdef"))': 1,
            '(text("abcdefgh"), memmove(a, a + 2, 6), same("cdefghgh"))': 1,
            "(bzero(a, 4), a[0] == 0 && a[3] == 0 && a[4] == 'g')": 1,
            "(text(\"abcabc\"), (char *)memchr(a, 'c', 6) - a)": 2,
            "memchr(a, 'z', 6)": 0,
            "(char *)memrchr(a, 'c', 6) - a": 5,
            "memrchr(a, 'z', 6)": 0,
            "(char *)memccpy(b, a, 'b', 6) - b": 2,
            "memccpy(b, a, 'z', 6)": 0,
        },
        tmp_path,
        prelude=BUFFER,
    )


def test_instruction_memory_is_filled_and_copied_by_words(tmp_path: Path) -> None:
    """It takes nothing else: a byte would be a store access fault."""
    body = "  memset((void *)0x403A0000, 0x11, 16);\n"
    body += "  memcpy((void *)0x403A0008, (void *)0x42000000, 8);"
    machine = run("", body, tmp_path)
    assert machine.diagnostics.violations == []
    assert machine.read_memory(0x3FCA_0000, 16) == b"\x11" * 8 + bytes.fromhex("1d04dbae") * 2


def test_strings(tmp_path: Path) -> None:
    check(
        {
            'strlen("facet")': 5,
            'strnlen("facet", 3)': 3,
            'strnlen("facet", 9)': 5,
            'strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("ab", "ab") == 0': 1,
            'strncmp("abc", "abd", 2)': 0,
            'strcoll("a", "b") < 0': 1,
            'strcasecmp("FaCeT", "fAcEt")': 0,
            'strncasecmp("FACES", "facet", 4)': 0,
            'strcpy(a, "face") == a && same("face")': 1,
            'strcat(a, "t") == a && same("facet")': 1,
            'strncat(a, "sXY", 1) == a && same("facets")': 1,
            '(memset(a, 1, 8), strncpy(a, "ab", 5), a[2] == 0 && a[4] == 0 && a[5] == 1)': 1,
            '(text("ab"), strlcat(a, "cdef", 5))': 6,
            'same("abcd")': 1,
            'strlcpy(a, "abcdef", 4)': 6,
            'same("abc")': 1,
            "(text(\"abcabc\"), strchr(a, 'b') - a)": 1,
            "strchr(a, 0) - a": 6,
            "strrchr(a, 'b') - a": 4,
            "strrchr(a, 'q')": 0,
            'strstr(a, "ca") - a': 2,
            'strstr(a, "cb")': 0,
            'strcasestr(a, "CAB") - a': 2,
            'strcspn(a, "xc")': 2,
            'strspn(a, "ba")': 2,
            '(text("AbC"), strlwr(a), same("abc"))': 1,
            '(strupr(a), same("ABC"))': 1,
        },
        tmp_path,
        prelude=BUFFER,
    )


def test_strings_are_taken_apart(tmp_path: Path) -> None:
    prelude = (
        BUFFER
        + """
    static char *rest;
    static int is(const char *part, const char *expected) {
      return part ? strcmp(part, expected) == 0 : !expected;
    }
    """
    )
    check(
        {
            '(text(";a;;b"), is(strtok_r(a, ";", &rest), "a"))': 1,
            'is(strtok_r(0, ";", &rest), "b")': 1,
            'is(strtok_r(0, ";", &rest), 0)': 1,
            '(text("a;;b"), rest = a, is(strsep(&rest, ";"), "a"))': 1,
            'is(strsep(&rest, ";"), "")': 1,
            'is(strsep(&rest, ";"), "b")': 1,
            'is(strsep(&rest, ";"), 0)': 1,
        },
        tmp_path,
        prelude=prelude,
    )


def test_characters(tmp_path: Path) -> None:
    check(
        {
            "!!isalnum('7') + !!isalnum('x') + !!isalnum('_')": 2,
            "!!isalpha('x') + !!isalpha('7')": 1,
            "!!isascii(0x7F) + !!isascii(0x80)": 1,
            "!!isblank('\\t') + !!isblank('\\n')": 1,
            "!!iscntrl(7) + !!iscntrl('x')": 1,
            "!!isdigit('7') + !!isdigit('x')": 1,
            "!!islower('x') + !!islower('X')": 1,
            "!!isgraph('x') + !!isgraph(' ')": 1,
            "!!isprint(' ') + !!isprint(7)": 1,
            "!!ispunct('!') + !!ispunct('x')": 1,
            "!!isspace('\\v') + !!isspace('x')": 1,
            "!!isupper('X') + !!isupper('x')": 1,
            "toupper('x')": ord("X"),
            "tolower('X')": ord("x"),
            "toascii(0xC1)": 0x41,
        },
        tmp_path,
    )


def test_numbers_and_their_text(tmp_path: Path) -> None:
    prelude = (
        BUFFER
        + """
    static char *end;
    static unsigned seed = 0;
    static int first, second;
    """
    )
    check(
        {
            "abs(-3) + labs(-4)": 7,
            "div(-7, 2).quot": -3,
            "ldiv(-7, 2).rem": -1,
            'atoi(" \\t-120x")': -120,
            'atol("+7")': 7,
            'strtol("0x1fz", &end, 0)': 0x1F,
            "*end": ord("z"),
            'strtol("077", 0, 0)': 0o77,
            'strtol("-99999999999", 0, 10)': -(2**31),
            'strtol("2147483647", 0, 10)': 2**31 - 1,
            'strtol("2147483648", 0, 10)': 2**31 - 1,
            'strtol("zz", &end, 36)': 35 * 36 + 35,
            '(strtol("none", &end, 10), *end)': ord("n"),
            'strtoul("4294967295", 0, 10)': 2**32 - 1,
            'strtoul("4294967296", 0, 10)': 2**32 - 1,
            'itoa(-42, a, 10) == a && same("-42")': 1,
            'utoa(0xBEEF, a, 16) == a && same("beef")': 1,
            "(first = rand_r(&seed), second = rand_r(&seed), first >= 0 && first != second)": 1,
            "(seed = 0, rand_r(&seed) == first && rand_r(&seed) == second)": 1,
        },
        tmp_path,
        prelude=prelude,
    )


def test_sorting_and_jumping(tmp_path: Path) -> None:
    prelude = """
    static int numbers[5];
    static uint32_t place[32];
    static int compare(const void *a, const void *b) { return *(int *)a - *(int *)b; }
    static int sorted(void) {
      static const int unsorted[5] = {3, -1, 7, 0, 3};
      memcpy(numbers, unsorted, sizeof numbers);
      qsort(numbers, 5, sizeof *numbers, compare);
      return numbers[0] == -1 && numbers[1] == 0 && numbers[2] == 3 && numbers[4] == 7;
    }
    static __attribute__((noinline)) void deep(int n) {
      if (n) deep(n - 1);
      longjmp(place, 42);
    }
    static int jumped(void) {
      int value = setjmp(place);
      if (!value) deep(3);
      return value;
    }
    """
    values = {
        "sorted()": 1,
        "jumped()": 42,
        "(esp_rom_newlib_init_common_mutexes(numbers, numbers), 1)": 1,
    }
    check(values, tmp_path, prelude=prelude)
