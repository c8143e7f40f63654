/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"
#include "modem/modem-manager.h"
#include "modem/modem.h"
#include "session/switch-ladder.h"

G_BEGIN_DECLS

/*
 * EaRecovery: sees to it that a modem is registered after a switch of the profile: the ladder (session/switch-ladder.h)
 * with a clock, a modem and ModemManager. It outlives the modem, which may leave the bus in the middle of it.
 *
 * Signals:
 *   "read-iccid"     ()                            it is time to read it, whatever was told of a refresh
 *   "step"           (EaSwitchStep step, EaSwitchStep overdue)  as in EaSwitchNews
 *   "unchanged"      ()                            a switch was promised, and the ICCID is the same
 *   "not-registered" (const char *cause)           once for each profile; @cause: (nullable): as of "rejected"
 *   "rejected"       (const char *cause)           a network says why it refuses, for people
 *   "registered"     (gint64 elapsed_us)           after a switch, and so long after it began
 *   "disabled"       (gboolean is_disabled)        ModemManager's modem is about to be disabled: to be recorded at once; or
 *                                                  it is enabled again
 *   "settled"        ()                            the end of a climb without a switch
 */

/* While the ICCID is the same though a switch was promised, it is read so often. */
#define EA_RECOVERY_READ_INTERVAL_S 5

/* A modem that can't be enabled is asked for so often. */
#define EA_RECOVERY_ENABLE_INTERVAL_S 30

#define EA_TYPE_RECOVERY (ea_recovery_get_type ())
G_DECLARE_FINAL_TYPE (EaRecovery, ea_recovery, EA, RECOVERY, GObject)

/* @context: borrowed; what log messages are about */
EaRecovery *ea_recovery_new (const EaLogContext *context);

/* @times_s: of the steps, as in EaSwitchLadderOptions: they count from the next step on */
void ea_recovery_set_times (EaRecovery *self, const guint times_s[EA_SWITCH_N_STEPS]);

/* The modem is open. @modem_manager: (nullable); @path: of its device node */
void ea_recovery_attach (EaRecovery *self, EaModem *modem, EaModemManager *modem_manager,
                         const char *path);

/* The modem is gone, or not open any more: nothing is tried until another one is attached. */
void ea_recovery_detach (EaRecovery *self);

/* A function that enables another profile was carried out. */
void ea_recovery_expect (EaRecovery *self);

/* The ICCID was read. @is_new: it is another one than before */
void ea_recovery_take_iccid (EaRecovery *self, gboolean is_new);

/* The same for a profile that an earlier life has switched to, and with which it did not see the modem registered. @is_told: but
 * has told so */
void ea_recovery_recall (EaRecovery *self, gboolean is_told);

/* Another card is there: what was begun for the one before is given up. */
void ea_recovery_forget (EaRecovery *self);

/* ModemManager's modem was left disabled by an earlier life: it is enabled as soon as it can be. */
void ea_recovery_set_disabled (EaRecovery *self);
gboolean ea_recovery_is_disabled (EaRecovery *self);

/* Nothing is switched off any more, and what is off is switched on: "disabled" tells. */
void ea_recovery_close (EaRecovery *self);

EaSwitchStep ea_recovery_get_step (EaRecovery *self);

/* TRUE between a promise and the change that keeps it, or until nothing is left to be tried for it. */
gboolean ea_recovery_is_promised (EaRecovery *self);

G_END_DECLS
