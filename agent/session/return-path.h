/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/scp80.h"
#include "core/sms-address.h"

G_BEGIN_DECLS

/**
 * EaReturnPath:
 * @form: of the command packet, and so of its answer
 * @originator: who gets the answer in short messages (SMS form)
 *
 * The way that the answer to a command packet takes.
 */
typedef struct
{
  EaScp80Form form;
  EaSmsAddress originator;
} EaReturnPath;

G_END_DECLS
