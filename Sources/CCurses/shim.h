// What Swift needs of ncurses, in a form that it can import: macros and variadics as functions, globals as getters.
#ifndef MAGIKBENCH_CCURSES_H
#define MAGIKBENCH_CCURSES_H

// Without this the wide functions are not declared.
#define NCURSES_WIDECHAR 1
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern int wcwidth(wchar_t character);

static const attr_t cc_bold = A_BOLD;
static const attr_t cc_dim = A_DIM;
static const attr_t cc_underline = A_UNDERLINE;
static const attr_t cc_reverse = A_REVERSE;
// Curses makes a click of a press and a release that arrive together.
static const mmask_t cc_click = BUTTON1_PRESSED | BUTTON1_CLICKED;
static const mmask_t cc_release = BUTTON1_RELEASED;
static const mmask_t cc_wheel_up = BUTTON4_PRESSED;
static const mmask_t cc_wheel_down = BUTTON5_PRESSED;
static const mmask_t cc_drag = REPORT_MOUSE_POSITION;

/// A Swift cell as a curses cell: a character, at most one mark on it, attributes and a pair of colours.
static inline void cc_cell(cchar_t *out, wchar_t character, wchar_t mark, attr_t attributes, int pair) {
    wchar_t text[3] = {character, mark, 0};
    setcchar(out, text, attributes, 0, &pair);
}

static inline WINDOW *cc_screen(void) { return stdscr; }
static inline WINDOW *cc_shown(void) { return curscr; }
static inline int cc_colours(void) { return COLORS; }
static inline int cc_pairs(void) { return COLOR_PAIRS; }
static inline int cc_function_key(int number) { return KEY_F(number); }
static inline int cc_columns(int descriptor, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
    *rows = size.ws_row;
    return size.ws_col;
}
/// 1 where the character takes one cell in this locale.
static inline int cc_is_narrow(wchar_t character) { return wcwidth(character) == 1; }
/// 0 where all that was printed is written. An error of an earlier write left no number: EIO stands for it.
static inline int cc_finish_output(void) {
    int failed = ferror(stdout);
    errno = 0;
    if (fflush(stdout) != 0) return errno ? errno : EIO;
    return failed ? EIO : 0;
}
static inline int cc_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }
static inline void cc_set_locale(void) { setlocale(LC_ALL, ""); }

/// Sends this process a signal when its parent dies.
static inline void cc_die_with_parent(int signal) { prctl(PR_SET_PDEATHSIG, signal); }

extern char **environ;
static inline char **cc_environment(void) { return environ; }

/// A pipe whose ends no other program inherits; 0, or -1 where there is none.
static inline int cc_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

/// How a child ended: its status, or 256 plus the number of the signal that ended it.
static inline int cc_wait(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return 1;
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
