/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The login manager, as far as a sleep inhibitor lock goes: org.freedesktop.login1(5), Inhibit. */

#define FAKE_LOGIN_MANAGER_NAME "org.freedesktop.login1"

/**
 * FakeLoginManager:
 * @is_held: calls are not answered before fake_login_manager_answer()
 * @held: (nullable): the call that waits
 * @is_refused: calls are refused
 * @n_asked: locks that were asked for
 * @locks: our ends of all locks, int
 * @n_let_go: locks that nobody has any more
 */
typedef struct
{
  GDBusConnection *connection;
  const char *why;
  guint object;
  guint name;
  gboolean is_named;
  gboolean is_held;
  GDBusMethodInvocation *held;
  gboolean is_refused;
  guint n_asked;
  GArray *locks;
  guint n_let_go;
} FakeLoginManager;

/* @why: what every lock must be asked for with; a literal. It is not on the bus yet. */
FakeLoginManager *fake_login_manager_new (GDBusConnection *connection, const char *why);
void fake_login_manager_free (FakeLoginManager *self);

/* Takes its name, and waits until it has it; and lets it go. */
void fake_login_manager_start (FakeLoginManager *self);
void fake_login_manager_stop (FakeLoginManager *self);

/* Answers the call that is held. */
void fake_login_manager_answer (FakeLoginManager *self);

/* TRUE while somebody has the other end of lock @i. */
gboolean fake_login_manager_is_kept (FakeLoginManager *self, guint i);
