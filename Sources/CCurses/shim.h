// What Swift needs of ncurses, in a form that it can import: macros and variadics as functions, globals as getters.
#ifndef MAGIKBENCH_CCURSES_H
#define MAGIKBENCH_CCURSES_H

// Without this the wide functions are not declared.
#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

extern int wcwidth(wchar_t character);

#endif
