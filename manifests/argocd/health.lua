-- How Argo CD determines the health of a DualStackReport: that of the report, which says whether its verdict is there and up to date. A cluster that is
-- not dual-stack is no fault of the application that brought the report, so that the condition Healthy makes no report Degraded.
local status = obj.status or {}
local generation = obj.metadata.generation

local function currentCondition(type)
  for _, condition in ipairs(status.conditions or {}) do
    -- A condition of an older spec says nothing of this one.
    local current = condition.observedGeneration == nil or condition.observedGeneration == generation
    if condition.type == type and current then
      return condition
    end
  end
  return nil
end

local stalled = currentCondition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return { status = "Degraded", message = stalled.message }
end

local ready = currentCondition("Ready")
if ready == nil then
  return { status = "Progressing", message = "Not evaluated yet" }
end
if ready.reason == "Syncing" then
  return { status = "Progressing", message = ready.message }
end
if ready.status == "True" and ready.reason == "Suspended" then
  return { status = "Suspended", message = ready.message }
end
if ready.status ~= "True" then
  return { status = "Degraded", message = ready.message }
end

local healthy = currentCondition("Healthy")
return { status = "Healthy", message = healthy ~= nil and healthy.message or ready.message }
