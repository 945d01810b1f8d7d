// What the API's doors take and tell, as /api/v1/openapi.json describes it. The types are made of that by `make console`.

import type { components } from '../../.generated/schema';

export type Forms = components['schemas'];
