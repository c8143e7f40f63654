/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * What both ends of SCP03t compute: session keys, cryptograms, MACs and ciphering of GlobalPlatform
 * Amendment D. All values of the functions are (transfer full).
 */

#define SIM_SCP03T_LEVEL 0x33
#define SIM_SCP03T_MAC_SIZE 8
#define SIM_SCP03T_CRYPTOGRAM_SIZE 8
#define SIM_SCP03T_BLOCK_SIZE 16

/**
 * SimScp03tSession:
 * @chaining: MAC chaining value: the whole CMAC of the last command
 * @counter: of the 86 commands, for the initial chaining value of the cipher
 */
typedef struct
{
  GBytes *enc;
  GBytes *mac;
  GBytes *rmac;
  GBytes *card_cryptogram;
  GBytes *host_cryptogram;
  GBytes *chaining;
  guint32 counter;
} SimScp03tSession;

/* Derives everything anew; @self may hold an old session, or zeros. */
void sim_scp03t_session_start (SimScp03tSession *self, EaSpan host_challenge,
                               EaSpan card_challenge);
void sim_scp03t_session_clear (SimScp03tSession *self);

/* The C-MAC of a command with @value before the MAC; moves the chaining value on. */
GBytes *sim_scp03t_session_sign_command (SimScp03tSession *self, guint8 tag, EaSpan value);

/* The R-MAC of a response to the command that left @chaining */
GBytes *sim_scp03t_session_sign_response (const SimScp03tSession *self, EaSpan chaining, guint8 tag,
                                          EaSpan value);

/* Pads and ciphers the data of the next command. */
GBytes *sim_scp03t_session_encipher (SimScp03tSession *self, EaSpan plain);

/* (nullable): deciphers and unpads the data of the next command: whole blocks; %NULL: wrong padding */
GBytes *sim_scp03t_session_decipher (SimScp03tSession *self, EaSpan ciphered);
