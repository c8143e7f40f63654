/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "host/store.h"
#include "modem/qmi-modem.h"

G_BEGIN_DECLS

/*
 * EaAttachment: a modem that is there is opened, again and again until it succeeds, and once more when it
 * was lost; what it changed is recorded durably, and put back at the end.
 *
 * Signals:
 *   "made"    (EaModem *modem)       before it is opened: connect to it now, nothing was missed
 *   "opened"  ()
 *   "failed"  (const GError *error)  it could not be opened, or it was lost; it is tried again
 *   "dropped" ()                     the modem of "made" is not used any more
 */

/* First and longest pause before a modem that could not be opened is tried again. */
#define EA_ATTACHMENT_RETRY_FIRST_MS 500
#define EA_ATTACHMENT_RETRY_LAST_MS 60000

#define EA_TYPE_ATTACHMENT (ea_attachment_get_type ())
G_DECLARE_FINAL_TYPE (EaAttachment, ea_attachment, EA, ATTACHMENT, GObject)

/**
 * ea_attachment_new:
 * @store: borrowed for the life of the process
 * @name: of its records in @store
 * @context: borrowed; what log messages are about
 */
EaAttachment *ea_attachment_new (EaStore *store, const char *name, const EaLogContext *context);

/* The modem is there. @options->path must live until ea_attachment_stop(). */
void ea_attachment_start (EaAttachment *self, const EaQmiModemOptions *options);

/* The modem is gone. */
void ea_attachment_stop (EaAttachment *self);

/* The modem works: the next failure is tried again soon. */
void ea_attachment_settle (EaAttachment *self);

/* The modem is closed and opened anew, the shortest pause later: what was changed is put back and taken again. One that
 * waits to be opened is opened at once; one that is on its way there goes on. */
void ea_attachment_renew (EaAttachment *self);

void ea_attachment_set_messaging_shared (EaAttachment *self, gboolean is_shared);
void ea_attachment_set_managed (EaAttachment *self, gboolean is_managed);

/* Puts back what was changed, releases the modem, and stays closed. */
void ea_attachment_close_async (EaAttachment *self, GAsyncReadyCallback callback,
                                gpointer user_data);
void ea_attachment_close_finish (EaAttachment *self, GAsyncResult *result);

/* (nullable): the modem of "made" until "dropped" */
EaModem *ea_attachment_get_modem (EaAttachment *self);

G_END_DECLS
