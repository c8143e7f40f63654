/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"

/* SHA-256 of GnuTLS, which takes the machine's own instructions where there are some. */

#define EA_DIGEST_SIZE 32

/* @digest: gets that of @first and @second behind each other; may be where @first is */
void ea_digest_compute (guint8 digest[EA_DIGEST_SIZE], EaSpan first, EaSpan second);
