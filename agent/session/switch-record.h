/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a switch of the profile has left to be done, for the agent's next life. */

#define EA_SWITCH_RECORD_CAUSE_MAX 512 /* bytes; a longer one is not kept */

/**
 * EaSwitchRecord:
 * @iccid: (nullable): of the profile with which the modem was not seen registered yet
 * @cause: (nullable): why not, for people, as far as that was told
 * @is_promised: a function of the SM-SR has switched the profile, and the ICCID is not read back
 * @is_disabled: ModemManager's modem was enabled, and the agent disables it, in order to enable it again
 */
typedef struct
{
  char *iccid;
  char *cause;
  gboolean is_promised;
  gboolean is_disabled;
} EaSwitchRecord;

void ea_switch_record_clear (EaSwitchRecord *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaSwitchRecord, ea_switch_record_clear)

/* (transfer full) (nullable): %NULL when nothing is left */
GBytes *ea_switch_record_to_bytes (const EaSwitchRecord *self);

/**
 * ea_switch_record_parse:
 * @out: (out): set on success only
 *
 * Errors: G_IO_ERROR_INVALID_DATA; nothing in the record is trusted.
 */
gboolean ea_switch_record_parse (EaSwitchRecord *out, GBytes *bytes, GError **error);

G_END_DECLS
